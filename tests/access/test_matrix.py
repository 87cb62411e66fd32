"""Who gets what: caller x endpoint x state of the row, as a table of numbers.

A cell is the HTTP status; of a list that answers 200, it is how many of its rows are the row in question.
"""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from testimonies.access import Actor, Role, Tier
from testimonies.api.v1.testimonies import TestimonyViewSet
from testimonies.errors import NotFound
from testimonies.selectors import actors, documents, parameters, reference
from testimonies.selectors.filters import Context
from tests import factories as make

pytestmark = pytest.mark.django_db
CALLERS = ("nobody", "anonymous", "public", "reader", "coder", "editor", "custodian")
"""`nobody`: without a key where the setting is off; `anonymous`: where it is on; `public`: a reader's key for that tier only."""

# fmt: off
OF_A_TESTIMONY = {
    # its texts are public, its person and its source are needed by nothing else
    "testimonies-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
        "draft":         (401,    0,         0,      0,      0,     1,      1),
        "in review":     (401,    0,         0,      0,      0,     1,      1),
        "embargoed":     (401,    0,         0,      0,      1,     1,      1),
        "expired":       (401,    0,         0,      0,      1,     1,      1),
        "closed":        (401,    0,         0,      0,      1,     1,      1),
        "withdrawn":     (401,    0,         0,      0,      0,     1,      1),
        "a coder's own": (401,    0,         0,      0,      0,     1,      1),
    },
    "testimonies-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
    },
    "testimonies-texts": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    404,       404,    1,      1,     1,      1),
        "restricted":    (401,    404,       404,    404,    1,     1,      1),
        "draft":         (401,    404,       404,    404,    404,   1,      1),
        "in review":     (401,    404,       404,    404,    404,   1,      1),
        "embargoed":     (401,    404,       404,    404,    1,     1,      1),
        "expired":       (401,    404,       404,    404,    1,     1,      1),
        "closed":        (401,    404,       404,    404,    1,     1,      1),
        "withdrawn":     (401,    404,       404,    404,    404,   1,      1),
        "a coder's own": (401,    404,       404,    404,    404,   1,      1),
    },
    "testimonies-citation": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
    },
    "persons-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
        "draft":         (401,    0,         0,      0,      0,     1,      1),
        "in review":     (401,    0,         0,      0,      0,     1,      1),
        "embargoed":     (401,    0,         0,      0,      1,     1,      1),
        "expired":       (401,    0,         0,      0,      1,     1,      1),
        "closed":        (401,    0,         0,      0,      1,     1,      1),
        "withdrawn":     (401,    0,         0,      0,      0,     1,      1),
        "a coder's own": (401,    0,         0,      0,      0,     1,      1),
    },
    "persons-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
    },
    "sources-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
        "draft":         (401,    0,         0,      0,      0,     1,      1),
        "in review":     (401,    0,         0,      0,      0,     1,      1),
        "embargoed":     (401,    0,         0,      0,      1,     1,      1),
        "expired":       (401,    0,         0,      0,      1,     1,      1),
        "closed":        (401,    0,         0,      0,      1,     1,      1),
        "withdrawn":     (401,    0,         0,      0,      0,     1,      1),
        "a coder's own": (401,    0,         0,      0,      0,     1,      1),
    },
    "sources-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
    },
}
OF_A_TIER = {
    # records that stand for themselves: their tier is all that counts
    "groups-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "groups-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "collections-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "collections-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "figures-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "figures-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "codebooks-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "codebooks-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "codebooks-tree": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "codes-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "codes-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
}
OF_NO_ROW = {
    #                    nobody  anonymous  public  reader  coder  editor  custodian
    "me": {"":            (401,    200,       200,    200,    200,   200,    200)},
}
# fmt: on
MATRIX = OF_A_TESTIMONY | OF_A_TIER | OF_NO_ROW
CELLS = [(endpoint, state, row) for endpoint, rows in MATRIX.items() for state, row in rows.items()]
STATES = {
    "public": {},
    "partner": {"tier": Tier.PARTNER},
    "restricted": {"tier": Tier.RESTRICTED},
    "draft": {"status": "draft"},
    "in review": {"status": "in_review"},
    "embargoed": {"embargo_until": "2999-01-01T00:00:00Z"},
    "expired": {"uses": []},
    "closed": {},
    "withdrawn": {"status": "withdrawn"},
    "a coder's own": {"status": "draft"},
}


def make_in(state, user, **values):
    """A testimony in one of the states, with a text, a person and a source of its own. `user`: whose own it is, if it is."""
    values = {
        "title": f"Invented: {state}",
        "texts": ["Invented words."],
        "membership": None,
        **STATES[state],
        **values,
    }
    if state == "a coder's own":
        values["created_by"] = user
    if state == "closed":
        values["collections"] = [make.make_collection(slug="closed", listing="closed")]
    testimony = make.make_testimony(**values)
    if state == "expired":
        make.make_clearance(testimony=testimony, ends_at="2021-01-01T00:00:00Z")
    return testimony


def make_records():
    """For each state a testimony; for each tier one of everything else."""
    found = SimpleNamespace(user=make.make_user(role=Role.CODER))
    with make.batch():
        for state in STATES:
            testimony = make_in(state, found.user)
            found.__dict__["testimonies", state] = testimony
            found.__dict__["persons", state] = testimony.person
            found.__dict__["sources", state] = testimony.citations.get().source
        collection, codebook = make.make_collection(), make.make_codebook()
        for tier in Tier:
            for noun, made in (
                ("groups", make.make_group(tier=tier)),
                ("collections", make.make_collection(tier=tier)),
                ("figures", make.make_figure(collection=collection, tier=tier)),
                ("codebooks", make.make_codebook(tier=tier)),
                ("codes", make.make_code(codebook=codebook, tier=tier)),
            ):
                found.__dict__[noun, tier.label] = made
    return found


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


def routes(resolver, prefix=""):
    """Name and path of every route below /api/v1/."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern) and path.startswith("api/v1/"):
            yield entry.name, path


def test_every_route_is_in_the_table():
    names = {name for name, _ in routes(get_resolver())}
    assert len(names) == 20
    assert names == set(MATRIX)


def test_every_state_is_in_the_table():
    assert {tuple(rows) for rows in OF_A_TESTIMONY.values()} == {tuple(STATES)}
    assert {tuple(rows) for rows in OF_A_TIER.values()} == {tuple(tier.label for tier in Tier)}
    assert {len(row) for _, _, row in CELLS} == {len(CALLERS)}


def outcome(client, endpoint, row):
    """The cell: a status, or in a list how many rows are this one."""
    noun, _, action = endpoint.partition("-")
    below = {"list": "", "detail": f"{row.pk}/", "": ""}.get(action, f"{row.pk}/{action}/") if row else ""
    response = client.get(f"/api/v1/{noun}/{below}")
    if response.status_code != 200 or action not in {"list", "texts"}:
        return response.status_code
    found = response.json()["results"]
    return len(found) if action == "texts" else sum(item["id"] == str(row.pk) for item in found)


@pytest.mark.parametrize("cell", CELLS, ids=[f"{endpoint}-{state}" for endpoint, state, _ in CELLS])
def test_the_matrix(api, settings, made, cell):
    endpoint, state, expected = cell
    row = made.__dict__.get((endpoint.partition("-")[0], state))
    assert (row is None) is (endpoint in OF_NO_ROW)
    found = [outcome(api.as_(caller), endpoint, row) for caller in CALLERS[1:]]
    settings.PUBLIC_READ = False
    assert (outcome(api, endpoint, row), *found) == expected


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("endpoint", MATRIX)
def test_nothing_is_written_here_by_anybody(api, settings, made, endpoint, method):
    """Not even told whether the row is there: for everybody it is the method that cannot be."""
    noun, _, action = endpoint.partition("-")
    below = {"list": "", "detail": "{}/", "": ""}.get(action, f"{{}}/{action}/")
    urls = {
        f"/api/v1/{noun}/{below.format(made.__dict__.get((noun, state), made.user).pk)}"
        for state in ("public", "restricted")
    }
    for caller in CALLERS[1:]:
        assert {getattr(api.as_(caller), method)(url).status_code for url in urls} == {405}
    settings.PUBLIC_READ = False
    assert {getattr(api, method)(url).status_code for url in urls} == {401}


# --- A coder's own: keys belong to apps, so only an actor with an account has any ------------------------------------

OWN = [
    # state and author of a testimony; then whether its coder, another coder, a coder's key and an editor see it
    ("draft", "coder", (True, False, False, True)),
    ("in_review", "coder", (True, False, False, True)),
    ("published", "coder", (True, True, True, True)),
    ("withdrawn", "coder", (False, False, False, True)),
    ("draft", "another", (False, True, False, True)),
    ("draft", "command", (False, False, False, True)),
    ("published", "command", (True, True, True, True)),
]


@pytest.mark.parametrize(("status", "author", "expected"), OWN)
@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.RESTRICTED])
def test_a_coder_sees_their_own(status, author, expected, tier):
    users = {name: make.make_user(role=Role.CODER) for name in ("coder", "another")}
    testimony = make.make_testimony(
        status=status, created_by=users.get(author), tier=tier, texts=["Invented."], membership=None
    )
    source = testimony.citations.get().source_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    staff = {"tier": Tier.RESTRICTED, "now": now}
    who = (
        Actor(role=Role.CODER, user_id=users["coder"].pk, **staff),
        Actor(role=Role.CODER, user_id=users["another"].pk, **staff),
        Actor(role=Role.CODER, **staff),
        Actor(role=Role.EDITOR, user_id=users["coder"].pk, **staff),
    )

    def ways(actor):
        context = Context(actor, reference.at(actors.caller(None).revision))
        query = parameters.read(
            TestimonyViewSet.declared, {"count": ["exact"], "person": [str(testimony.person_id)]}, context
        )
        page = documents.testimonies(query, actor)
        yield len(page.items) == page.count == 1
        yield opens(documents.testimony, str(testimony.pk), actor)
        yield opens(documents.testimony, testimony.ref, actor)
        texts = parameters.read(TestimonyViewSet.texts_declared, {}, context)
        yield opens(documents.texts, str(testimony.pk), texts, actor)
        yield opens(documents.shared_document, "person", str(testimony.person_id), "P", actor)
        yield opens(documents.shared_document, "source", str(source), "S", actor)

    assert tuple(set(ways(actor)) for actor in who) == tuple({sees} for sees in expected)


def opens(read, *arguments):
    try:
        read(*arguments)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.PARTNER])
def test_a_coder_who_reads_a_lower_tier_has_no_own_there(tier):
    user = make.make_user(role=Role.CODER)
    testimony = make.make_testimony(status="draft", created_by=user, membership=None)
    now = actors.caller(None).actor.now
    assert opens(
        documents.testimony, str(testimony.pk), Actor(role=Role.CODER, user_id=user.pk, tier=Tier.RESTRICTED, now=now)
    )
    assert not opens(
        documents.testimony, str(testimony.pk), Actor(role=Role.CODER, user_id=user.pk, tier=tier, now=now)
    )
