"""Who gets what at the desk: visitor x page x state of the row, as a table of numbers.

A cell is the HTTP status; of a list, how many of its rows are the row in question. 302 leads away: whoever does not work here
to the login, and everybody from a record that is hidden or never was to the front page.
"""

import json

import pytest
from django.test import Client

from testimonies.access import Role
from tests import factories as make
from tests.access.test_matrix import STATES, make_records

pytestmark = pytest.mark.django_db
VISITORS = ("nobody", "reader", "coder", "editor", "custodian", "superuser")
"""`superuser`: a coder who administers accounts, which opens no record."""

# fmt: off
PAGES = {
    "testimony list": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    1,     1,      1,         1),
        "partner":       (302,    302,    1,     1,      1,         1),
        "restricted":    (302,    302,    1,     1,      1,         1),
        "draft":         (302,    302,    0,     1,      1,         0),
        "in review":     (302,    302,    0,     1,      1,         0),
        "embargoed":     (302,    302,    1,     1,      1,         1),
        "expired":       (302,    302,    1,     1,      1,         1),
        "closed":        (302,    302,    1,     1,      1,         1),
        "withdrawn":     (302,    302,    0,     1,      1,         0),
        "a coder's own": (302,    302,    0,     1,      1,         0),
        "raised":        (302,    302,    1,     1,      1,         1),
        "erased":        (302,    302,    0,     0,      0,         0),
    },
    "testimony": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    200,   200,    200,       200),
        "partner":       (302,    302,    200,   200,    200,       200),
        "restricted":    (302,    302,    200,   200,    200,       200),
        "draft":         (302,    302,    302,   200,    200,       302),
        "in review":     (302,    302,    302,   200,    200,       302),
        "embargoed":     (302,    302,    200,   200,    200,       200),
        "expired":       (302,    302,    200,   200,    200,       200),
        "closed":        (302,    302,    200,   200,    200,       200),
        "withdrawn":     (302,    302,    302,   200,    200,       302),
        "a coder's own": (302,    302,    302,   200,    200,       302),
        "raised":        (302,    302,    200,   200,    200,       200),
        "erased":        (302,    302,    302,   302,    302,       302),
    },
    "testimony history": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    200,   200,    200,       200),
        "partner":       (302,    302,    200,   200,    200,       200),
        "restricted":    (302,    302,    200,   200,    200,       200),
        "draft":         (302,    302,    302,   200,    200,       302),
        "in review":     (302,    302,    302,   200,    200,       302),
        "embargoed":     (302,    302,    200,   200,    200,       200),
        "expired":       (302,    302,    200,   200,    200,       200),
        "closed":        (302,    302,    200,   200,    200,       200),
        "withdrawn":     (302,    302,    302,   200,    200,       302),
        "a coder's own": (302,    302,    302,   200,    200,       302),
        "raised":        (302,    302,    200,   200,    200,       200),
        "erased":        (302,    302,    302,   302,    302,       302),
    },
    "testimony delete": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    200,   200,    200,       200),
        "partner":       (302,    302,    200,   200,    200,       200),
        "restricted":    (302,    302,    200,   200,    200,       200),
        "draft":         (302,    302,    302,   200,    200,       302),
        "in review":     (302,    302,    302,   200,    200,       302),
        "embargoed":     (302,    302,    200,   200,    200,       200),
        "expired":       (302,    302,    200,   200,    200,       200),
        "closed":        (302,    302,    200,   200,    200,       200),
        "withdrawn":     (302,    302,    302,   200,    200,       302),
        "a coder's own": (302,    302,    302,   200,    200,       302),
        "raised":        (302,    302,    200,   200,    200,       200),
        "erased":        (302,    302,    302,   302,    302,       302),
    },
    "testimony erase": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    403,   403,    200,       403),
        "partner":       (302,    302,    403,   403,    200,       403),
        "restricted":    (302,    302,    403,   403,    200,       403),
        "draft":         (302,    302,    403,   403,    200,       403),
        "in review":     (302,    302,    403,   403,    200,       403),
        "embargoed":     (302,    302,    403,   403,    200,       403),
        "expired":       (302,    302,    403,   403,    200,       403),
        "closed":        (302,    302,    403,   403,    200,       403),
        "withdrawn":     (302,    302,    403,   403,    200,       403),
        "a coder's own": (302,    302,    403,   403,    200,       403),
        "raised":        (302,    302,    403,   403,    200,       403),
        "erased":        (302,    302,    403,   403,    302,       403),
    },
    "person list": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    1,     1,      1,         1),
        "partner":       (302,    302,    1,     1,      1,         1),
        "restricted":    (302,    302,    1,     1,      1,         1),
        "draft":         (302,    302,    0,     1,      1,         0),
        "in review":     (302,    302,    0,     1,      1,         0),
        "embargoed":     (302,    302,    1,     1,      1,         1),
        "expired":       (302,    302,    1,     1,      1,         1),
        "closed":        (302,    302,    1,     1,      1,         1),
        "withdrawn":     (302,    302,    0,     1,      1,         0),
        "a coder's own": (302,    302,    0,     1,      1,         0),
        "raised":        (302,    302,    1,     1,      1,         1),
        "erased":        (302,    302,    0,     0,      0,         0),
    },
    "person": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    200,   200,    200,       200),
        "partner":       (302,    302,    200,   200,    200,       200),
        "restricted":    (302,    302,    200,   200,    200,       200),
        "draft":         (302,    302,    302,   200,    200,       302),
        "in review":     (302,    302,    302,   200,    200,       302),
        "embargoed":     (302,    302,    200,   200,    200,       200),
        "expired":       (302,    302,    200,   200,    200,       200),
        "closed":        (302,    302,    200,   200,    200,       200),
        "withdrawn":     (302,    302,    302,   200,    200,       302),
        "a coder's own": (302,    302,    302,   200,    200,       302),
        "raised":        (302,    302,    200,   200,    200,       200),
        "erased":        (302,    302,    302,   302,    302,       302),
    },
    "person history": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    200,   200,    200,       200),
        "partner":       (302,    302,    200,   200,    200,       200),
        "restricted":    (302,    302,    200,   200,    200,       200),
        "draft":         (302,    302,    302,   200,    200,       302),
        "in review":     (302,    302,    302,   200,    200,       302),
        "embargoed":     (302,    302,    200,   200,    200,       200),
        "expired":       (302,    302,    200,   200,    200,       200),
        "closed":        (302,    302,    200,   200,    200,       200),
        "withdrawn":     (302,    302,    302,   200,    200,       302),
        "a coder's own": (302,    302,    302,   200,    200,       302),
        "raised":        (302,    302,    200,   200,    200,       200),
        "erased":        (302,    302,    302,   302,    302,       302),
    },
    "source list": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    1,     1,      1,         1),
        "partner":       (302,    302,    1,     1,      1,         1),
        "restricted":    (302,    302,    1,     1,      1,         1),
        "draft":         (302,    302,    0,     1,      1,         0),
        "in review":     (302,    302,    0,     1,      1,         0),
        "embargoed":     (302,    302,    1,     1,      1,         1),
        "expired":       (302,    302,    1,     1,      1,         1),
        "closed":        (302,    302,    1,     1,      1,         1),
        "withdrawn":     (302,    302,    0,     1,      1,         0),
        "a coder's own": (302,    302,    0,     1,      1,         0),
        "raised":        (302,    302,    1,     1,      1,         1),
        "erased":        (302,    302,    0,     0,      0,         0),
    },
    "source": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    200,   200,    200,       200),
        "partner":       (302,    302,    200,   200,    200,       200),
        "restricted":    (302,    302,    200,   200,    200,       200),
        "draft":         (302,    302,    302,   200,    200,       302),
        "in review":     (302,    302,    302,   200,    200,       302),
        "embargoed":     (302,    302,    200,   200,    200,       200),
        "expired":       (302,    302,    200,   200,    200,       200),
        "closed":        (302,    302,    200,   200,    200,       200),
        "withdrawn":     (302,    302,    302,   200,    200,       302),
        "a coder's own": (302,    302,    302,   200,    200,       302),
        "raised":        (302,    302,    200,   200,    200,       200),
        "erased":        (302,    302,    302,   302,    302,       302),
    },
    "source history": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    200,   200,    200,       200),
        "partner":       (302,    302,    200,   200,    200,       200),
        "restricted":    (302,    302,    200,   200,    200,       200),
        "draft":         (302,    302,    302,   200,    200,       302),
        "in review":     (302,    302,    302,   200,    200,       302),
        "embargoed":     (302,    302,    200,   200,    200,       200),
        "expired":       (302,    302,    200,   200,    200,       200),
        "closed":        (302,    302,    200,   200,    200,       200),
        "withdrawn":     (302,    302,    302,   200,    200,       302),
        "a coder's own": (302,    302,    302,   200,    200,       302),
        "raised":        (302,    302,    200,   200,    200,       200),
        "erased":        (302,    302,    302,   302,    302,       302),
    },
    "correction list": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    1,     1,      1,         1),
        "partner":       (302,    302,    1,     1,      1,         1),
        "restricted":    (302,    302,    1,     1,      1,         1),
        "draft":         (302,    302,    0,     1,      1,         0),
        "in review":     (302,    302,    0,     1,      1,         0),
        "embargoed":     (302,    302,    1,     1,      1,         1),
        "expired":       (302,    302,    1,     1,      1,         1),
        "closed":        (302,    302,    1,     1,      1,         1),
        "withdrawn":     (302,    302,    0,     1,      1,         0),
        "a coder's own": (302,    302,    0,     1,      1,         0),
        "raised":        (302,    302,    1,     1,      1,         1),
        "erased":        (302,    302,    0,     0,      0,         0),
    },
    "correction": {
        #                nobody  reader  coder  editor  custodian  superuser
        "public":        (302,    302,    200,   200,    200,       200),
        "partner":       (302,    302,    200,   200,    200,       200),
        "restricted":    (302,    302,    200,   200,    200,       200),
        "draft":         (302,    302,    404,   200,    200,       404),
        "in review":     (302,    302,    404,   200,    200,       404),
        "embargoed":     (302,    302,    200,   200,    200,       200),
        "expired":       (302,    302,    200,   200,    200,       200),
        "closed":        (302,    302,    200,   200,    200,       200),
        "withdrawn":     (302,    302,    404,   200,    200,       404),
        "a coder's own": (302,    302,    404,   200,    200,       404),
        "raised":        (302,    302,    200,   200,    200,       200),
        "erased":        (302,    302,    404,   404,    404,       404),
    },
}
"""By kind of record and page of it; without a page its form."""
OF_NO_ROW = {
    #                      nobody  reader  coder  editor  custodian  superuser
    "":                    (302,    302,    200,   200,    200,       200),
    "import/":             (302,    302,    403,   200,    200,       403),
    "imports/":            (302,    302,    403,   200,    200,       403),
    "testimonies/erasure/": (302,   302,    403,   403,    200,       403),
    "testimonies/user/":   (302,    302,    403,   403,    403,       200),
    "testimonies/apikey/": (302,    302,    403,   403,    403,       200),
}
# fmt: on
CELLS = [(page, state, row) for page, rows in PAGES.items() for state, row in rows.items()]
SEGMENT = {"testimony": "testimonies", "person": "persons", "source": "sources", "correction": "corrections"}


@pytest.fixture(scope="module")
def made(keep):
    def everything():
        found = make_records()
        found.visitors = {
            name: make.make_user(role=Role(name), is_staff=True) for name in ("reader", "coder", "editor", "custodian")
        }
        found.visitors["superuser"] = make.make_user(role=Role.CODER, is_staff=True, is_superuser=True)
        return found

    return keep(everything)


@pytest.fixture
def visit(made):
    def visit(name):
        client = Client(headers={"host": "localhost"})
        if name != "nobody":
            client.force_login(made.visitors[name])
        return client

    return visit


def test_every_state_is_in_the_table():
    assert {tuple(rows) for rows in PAGES.values()} == {tuple(STATES)}
    assert {len(row) for _, _, row in CELLS} == {len(VISITORS)}
    assert sum(len(row) for _, _, row in CELLS) >= 300


def outcome(client, page, row):
    noun, _, what = page.partition(" ")
    is_list = what == "list"
    below = "" if is_list else f"{row.pk}/{what or 'change'}/"
    response = client.get(f"/admin/testimonies/{noun}/{below}")
    if response.status_code != 200 or not is_list:
        return response.status_code
    listed = [one.pk for one in response.context["cl"].result_list]
    if page == "testimony list":  # all of it as a file is the same
        asked = {"format": "ndjson", "purpose": "Invented: to compare."}
        lines = client.post("/admin/testimonies/testimony/export/", asked).getvalue().splitlines()
        assert {json.loads(line)["id"] for line in lines} == {str(pk) for pk in listed}
    return listed.count(row.pk)


@pytest.mark.parametrize("cell", CELLS, ids=[f"{page}-{state}" for page, state, _ in CELLS])
def test_the_matrix_of_the_desk(visit, made, cell):
    page, state, expected = cell
    row = made.__dict__[SEGMENT[page.partition(" ")[0]], state]
    assert tuple(outcome(visit(name), page, row) for name in VISITORS) == expected


@pytest.mark.parametrize("page", OF_NO_ROW)
def test_pages_of_no_row(visit, page):
    assert tuple(visit(name).get(f"/admin/{page}").status_code for name in VISITORS) == OF_NO_ROW[page]
