"""Two editors save the same record at once, a thousand times: what each saved is there, and no answer is 500.

An edge is a function that returns how one editor reads and saves over it: the API, and the forms of the desk.
"""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Barrier
from typing import NamedTuple

import pytest
from django.test import Client

from tests.admin.pages import Person
from tests.projections.sessions import Session
from tests.writers import Writers

NAMES = ("editor", "publisher")


class Editor(NamedTuple):
    read: Callable[[], tuple[str, str]]
    """The text that is counted in, and on which version it was read."""
    save: Callable[[str, str], bool]
    """Store a text that was made on that version; False where somebody else was there first."""


def over_the_api(w: Writers, name: str, path: str, field: str) -> Editor:
    api, url = (
        Client(headers={"Authorization": f"Bearer {w.secrets[name]}"}, SERVER_NAME="localhost"),
        f"/api/v1/{path}",
    )

    def read():
        response = api.get(url)
        assert response.status_code == 200
        return response.json()[field], response.headers["ETag"]

    def save(text, etag):
        response = api.patch(url, {field: text}, content_type="application/json", headers={"If-Match": etag})
        assert response.status_code in {200, 412}, response.content
        if response.status_code == 412:
            current = response.json()["detail"].rstrip(".").rpartition(" ")[2]
            assert int(current) > int(etag.strip('"').partition("-")[0])
        return response.status_code == 200

    return Editor(read, save)


def at_the_desk(w: Writers, name: str, path: str, field: str) -> Editor:
    person, (segment, pk, _) = Person(w.users[name]), path.split("/")
    page = f"{segment.removesuffix('s').replace('testimonie', 'testimony')}/{pk}/change/"
    form = {}

    def read():
        form.clear()
        form.update(person.open(page))
        return form[field][0], form["shown_version"][0]

    def save(text, _):
        response = person.send(page, form, **{field: text})
        assert response.status_code in {302, 409}, response.content
        return response.status_code == 302

    return Editor(read, save)


RACES = {
    # address, field, row, how often it is saved, and by what edges
    "testimony over the API": (
        lambda w: f"testimonies/{w.draft.pk}/", "summary", lambda w: w.draft, 200, (over_the_api, over_the_api)
    ),
    "testimony over the API and at the desk": (
        lambda w: f"testimonies/{w.draft.pk}/", "summary", lambda w: w.draft, 60, (over_the_api, at_the_desk)
    ),
    "person over the API and at the desk": (
        lambda w: f"persons/{w.person.pk}/", "origin_stated", lambda w: w.person, 1_000, (over_the_api, at_the_desk)
    ),
}  # fmt: skip


@pytest.mark.parametrize("race", RACES)
def test_nothing_that_was_saved_is_lost(transactional_db, race):
    path, field, row, saves, edges = RACES[race]
    w = Writers()
    w.ask("editor", "patch", path(w), {field: "{}"}, match="*")
    row(w).refresh_from_db()
    first, together, overtaken = row(w).version, Barrier(2, timeout=30), Counter()

    def work(editor, name):
        for number in range(saves // 2):
            text, version = editor.read()
            if number % 5 == 0:
                together.wait()  # both have read: one of them will be overtaken
            while not editor.save(counted(text, name), version):
                overtaken[name] += 1
                text, version = editor.read()

    editors = [(edge(w, name, path(w), field), name) for edge, name in zip(edges, NAMES, strict=True)]
    for session in [Session(partial(work, *one)) for one in editors]:
        session.finish(600)
    row(w).refresh_from_db()
    assert json.loads(getattr(row(w), field)) == dict.fromkeys(NAMES, saves // 2)
    assert row(w).version == first + saves
    assert overtaken.total() >= saves // 10


def counted(text: str, name: str) -> str:
    found = json.loads(text)
    return json.dumps(found | {name: found.get(name, 0) + 1})
