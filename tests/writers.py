"""People who write: a draft of a coder, what is published, and everybody who may want to change them."""

from typing import Any

from django.db import connection

from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.models import Testimony, User
from testimonies.projections import verify
from tests import factories as make
from tests.client import Api

ROLES = {
    "reader": Role.READER,
    "author": Role.CODER,
    "coder": Role.CODER,
    "editor": Role.EDITOR,
    "publisher": Role.EDITOR,
    "custodian": Role.CUSTODIAN,
}
"""`author` is the coder whose draft it is; of the two editors, `publisher` has entered nothing."""


class Writers:
    """Really committed, and asked over the API or through services, as one of ROLES."""

    def __init__(self) -> None:
        with make.batch():
            self.users: dict[str, User] = {name: make.make_user(role=role) for name, role in ROLES.items()}
            self.secrets = {name: make.make_key(role=role, user=self.users[name])[1] for name, role in ROLES.items()}
            author = self.users["author"]
            self.source = make.make_source()
            self.unseen_source = make.make_source()
            self.published = make.make_testimony(sources=[self.source])
            self.person = make.make_person(created_by=author, disclosure="withheld")
            self.draft: Testimony = make.make_testimony(
                person=self.person,
                membership=None,
                sources=[],
                uses=[],
                status="draft",
                published_at=None,
                created_by=author,
            )

    def submitted(self) -> Testimony:
        """The author's, in review."""
        values = {"status": "in_review", "published_at": None, "created_by": self.users["author"]}
        return make.make_testimony(sources=[self.source], **values)

    def actor(self, name: str) -> Actor:
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            now = cursor.fetchone()[0]
        role = ROLES[name]
        return Actor(role=role, tier=HIGHEST_TIER[role], now=now, user_id=self.users[name].pk)

    def ask(self, name: str, method: str, path: str, body: Any = None, *, match: str = "") -> Any:
        """`path` below /api/v1/, an answer that the OpenAPI document describes."""
        api = Api({"one": {"Authorization": f"Bearer {self.secrets[name]}"}}, "one")
        headers = {"If-Match": match} if match else {}
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(api, method)(f"/api/v1/{path}", headers=headers, **content)


def refusals(response: Any) -> list[tuple[str, str]]:
    """(pointer, code) of all that is wrong with the body."""
    assert response.status_code == 400, response.content
    return [(error["pointer"], error["code"]) for error in response.json()["errors"]]


def nothing_is_stale() -> bool:
    return list(verify.differences()) == []
