"""A client of the feed of changes, as somebody would write one in five minutes."""

from typing import Any

URL = "/api/v1/changes/"


class Follower:
    """Keeps what it is told to keep, and removes what it is told to remove."""

    def __init__(self, client: Any, **parameters: Any) -> None:
        self.client, self.parameters = client, parameters
        self.after: str | None = None
        self.has: dict[str, dict[str, Any]] = {}
        self.told: list[tuple[str, str]] = []
        """Everything it was ever told: ("kept" or "removed", id)."""

    def page(self, **parameters: Any) -> dict[str, Any]:
        after = {} if self.after is None else {"after": self.after}
        response = self.client.get(URL, self.parameters | after | parameters)
        assert response.status_code == 200, response.content
        page: dict[str, Any] = response.json()
        for testimony in page["testimonies"]:
            self.has[testimony["id"]] = testimony
            self.told.append(("kept", testimony["id"]))
        for tombstone in page["tombstones"]:
            assert tombstone.keys() == {"id", "day"}
            self.has.pop(tombstone["id"], None)
            self.told.append(("removed", tombstone["id"]))
        self.after = page["next_cursor"]
        return page

    def follow(self, **parameters: Any) -> list[tuple[str, str]]:
        """All there is by now; what was told."""
        before = len(self.told)
        while self.page(**parameters)["has_more"]:
            pass
        return self.told[before:]


def listed(client: Any) -> dict[str, dict[str, Any]]:
    """What the list shows, by id."""
    return {one["id"]: one for page in client.pages("/api/v1/testimonies/", page_size=500) for one in page["results"]}
