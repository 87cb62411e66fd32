"""/api/v1/campaigns/ and uses/: their whole lists of channels and sources keep their order, and make another version."""

import pytest

from tests import factories as make
from tests.api.answers import refusal
from tests.api.test_writing import send

pytestmark = pytest.mark.django_db
CHANNELS = [{"platform": name, "handle": "", "url": ""} for name in ("Invented Radio", "Another", "Invented Tube")]


def cite(sources):
    return [{"source_id": str(source.pk), "locator": f"p. {number}"} for number, source in enumerate(sources)]


def cited(answer):
    return [one["source"]["id"] for one in answer["sources"]]


@pytest.mark.parametrize("segment", ["campaigns", "uses"])
def test_sources_stand_in_the_order_in_which_they_were_sent(api, segment):
    record = make.make_campaign() if segment == "campaigns" else make.make_use()
    sources, url, client = [make.make_source() for _ in range(4)], f"{segment}/{record.pk}/", api.as_("editor")
    for order in (sources, sources[::-1], sources[2:]):
        answer = send(client, "patch", url, {"sources": cite(order)}, if_match="*").json()
        assert cited(answer) == cited(api.get(f"/api/v1/{url}").json()) == [str(source.pk) for source in order]


def test_channels_too(api):
    url, client = f"campaigns/{make.make_campaign().pk}/", api.as_("editor")
    for order in (CHANNELS, CHANNELS[::-1], CHANNELS[1:]):
        assert send(client, "patch", url, {"channels": order}, if_match="*").json()["channels"] == order


LISTS = {
    "channels": ("campaigns", lambda: CHANNELS),
    "sources of a campaign": ("campaigns", lambda: cite([make.make_source()])),
    "sources of a use": ("uses", lambda: cite([make.make_source()])),
    "testimonies": ("uses", lambda: [{"testimony_id": str(make.make_testimony(uses=["campaign"]).pk)}]),
}


@pytest.mark.parametrize("case", LISTS)
def test_who_changes_nothing_but_a_list_overtakes_whoever_read_before(api, case):
    segment, entries = LISTS[case]
    record = make.make_campaign() if segment == "campaigns" else make.make_use()
    url, client, change = f"{segment}/{record.pk}/", api.as_("editor"), {case.partition(" ")[0]: entries()}
    read = client.get(f"/api/v1/{url}").headers["ETag"]
    assert send(client, "patch", url, change, if_match=read).status_code == 200
    late = send(client, "patch", url, {"title": "Invented: too late"}, if_match=read)
    assert refusal(late)[:2] == (412, "overtaken")
