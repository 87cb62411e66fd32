"""How many statements an answer costs, counted on the wire: libpq itself writes down what it sends to PostgreSQL."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from psycopg.pq import Trace

from testimonies.access import Role, Tier
from testimonies.models import (
    ApiKey,
    Correction,
    Erasure,
    Import,
    ImportMapping,
    ImportRow,
    SamePersonLink,
    VaultOpening,
)
from testimonies.selectors.sql import Sql, fetch
from tests.client import document
from tests.factories import (
    batch,
    make_assignment,
    make_citation,
    make_claim,
    make_clearance,
    make_code,
    make_codebook,
    make_coding,
    make_collection,
    make_decision,
    make_figure,
    make_group,
    make_membership,
    make_region,
    make_source,
    make_testimony,
    make_user,
)

ROLES = ("anonymous", "reader", "coder", "editor")

BUDGET = {
    # the caller with the clock is one, the page or the record the other
    "/api/v1/testimonies/": 2,
    "/api/v1/testimonies/{id}/": 2,
    "/api/v1/testimonies/{id}/citation/": 2,
    "/api/v1/testimonies/{testimony_id}/texts/": 3,  # whether the testimony is visible, then its texts
    "/api/v1/persons/": 2,
    "/api/v1/persons/{id}/": 2,
    "/api/v1/sources/": 2,
    "/api/v1/sources/{id}/": 2,
    "/api/v1/groups/": 2,
    "/api/v1/groups/{id}/": 2,
    "/api/v1/collections/": 2,
    "/api/v1/collections/{id}/": 2,
    "/api/v1/figures/": 2,
    "/api/v1/figures/{id}/": 2,
    "/api/v1/codebooks/": 2,
    "/api/v1/codebooks/{id}/": 2,
    "/api/v1/codebooks/{id}/tree/": 3,  # the codebook, then its codes
    "/api/v1/codebooks/{id}/map/": 5,  # the codebook, its row, the codes, where they come from
    "/api/v1/codebooks/{id}/compare/": 5,  # two codebooks with their codes
    "/api/v1/codebooks/{id}/qdc/": 3,
    "/api/v1/codes/": 2,
    "/api/v1/codes/{id}/": 2,
    "/api/v1/me/": 1,
    "/api/v1/testimonies/{testimony_id}/texts/{id}/": 3,
}
HAVE_HISTORY = ("testimonies", "persons", "sources", "groups", "collections", "figures", "codebooks", "codes")
FOR_STAFF = {
    # whether the testimony is visible, which rows, then the rows
    "/api/v1/same-person-links/": 3,
    "/api/v1/same-person-links/{id}/": 3,
    "/api/v1/corrections/": 3,
    "/api/v1/corrections/{id}/": 3,
    "/api/v1/testimonies/{testimony_id}/citations/": 5,  # and on what fields rest
    "/api/v1/testimonies/{testimony_id}/citations/{id}/": 5,
    "/api/v1/testimonies/{testimony_id}/claims/": 4,
    "/api/v1/testimonies/{testimony_id}/claims/{id}/": 4,
    "/api/v1/testimonies/{testimony_id}/clearances/": 4,
    "/api/v1/testimonies/{testimony_id}/clearances/{id}/": 4,
    "/api/v1/testimonies/{testimony_id}/codes/": 4,  # whether it is visible, the testimony, its codes
    "/api/v1/testimonies/{testimony_id}/transitions/": 3,
    "/api/v1/codebooks/{id}/qdpx/": 5,
    "/api/v1/codebooks/{id}/recode/": 6,  # what a map takes, then the testimonies
    # whether it is visible, its events, and what those whom they name are called
    **{f"/api/v1/{noun}/{{id}}/history/": 4 for noun in HAVE_HISTORY},
}
"""Others are refused after one statement: who asks."""
ASKED_TWICE = "/api/v1/testimonies/{testimony_id}/transitions/"
"""A coder may have hidden it from themselves by the very step."""
FOR_CUSTODIANS = {
    "/api/v1/erasures/": 3,
    "/api/v1/erasures/{id}/": 3,
    "/api/v1/vault-openings/": 3,
    "/api/v1/vault-openings/{id}/": 3,
}
SEARCHED = {
    # at most: ids first, then their documents with the passages; words are stemmed once, and remembered
    "q=-nothing": 3,
    "q=invented&ordering=relevance&page_size=200": 4,  # the best matches alone, where they do not fill the page
    "q=invented": 5,  # whether the word is frequent; if the planner thinks so, a walk that may not fill the page
    "q=invented&count=exact": 7,  # whether it is very frequent, then the count
    "q=invented+-nothing&ordering=relevance&count=exact&page_size=200": 6,
    "q=nothing+at+all": 8,  # then how much alike, and what is spelt so, in a transaction
    "q=nothing+at+all&gender=male": 9,  # and whether it is the words that find nothing
}
FOR_EDITORS = {
    # the codebook, assignments, coders, codes, codings, and what waits
    "/api/v1/agreement/": 7,
    # which ones, then those, their codings and their coders
    "/api/v1/agreement/confusions/": 5,
}
IMPORTED = {
    "/api/v1/imports/": 3,
    "/api/v1/imports/{id}/": 3,
    "/api/v1/imports/{id}/rows/": 5,  # whether there is such an import, then its rows
}
FOR_IMPORTERS = {
    "/api/v1/import-mappings/": 3,
    "/api/v1/import-mappings/{id}/": 3,
    "/api/v1/import-mappings/columns/": 1,
}
FOR_CODERS = {
    # the rows that are seen, then the rows themselves
    "/api/v1/assignments/": 3,
    "/api/v1/assignments/{id}/": 3,
    "/api/v1/codings/": 3,
    "/api/v1/codings/{id}/": 3,
    "/api/v1/decisions/": 6,  # with its codes and codings
    "/api/v1/decisions/{id}/": 6,
    "/api/v1/testimonies/{testimony_id}/codings/": 4,
    "/api/v1/testimonies/{testimony_id}/comparison/": 4,
}
WITHOUT_A_DATABASE = ("/healthz", "/api/schema/", "/api/docs/", "/api/problems/", "/api/v1/nothing/")

FILTERED = (
    "page_size=200&count=exact",
    "count=capped&ordering=given,-left",
    "gender=male&nationality=SY&nationality_region=western-asia&residence_before=DE&residence_region=western-asia",
    "group={group}&membership=says_member&collection={collection}&codebook={book}&code={code}&code_all={code}",
    "code_none=nothing-like-it&person={person}&source={source}&outlet=NPR&medium=newspaper&account_language=en",
    "kind=interview&speaking_conditions=free&given_country=TR&credibility=not_graded&cleared_for=research",
    "given_after=2014&given_before=2020&joined_after=2014&joined_before=2020&left_after=2014&left_before=2020&match=certain",
    "updated_since=2020-01-01T00:00:00Z",
)  # fmt: skip


@contextmanager
def sent() -> Iterator[list[str]]:
    """Statements that this thread's connection sends, each by the word that libpq has for it."""
    found: list[str] = []
    connection.ensure_connection()
    wire = connection.connection.pgconn
    with tempfile.TemporaryFile() as file:
        wire.trace(file.fileno())
        wire.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield found
        finally:
            wire.untrace()
        file.seek(0)
        for line in file.read().decode(errors="replace").splitlines():
            side, _, kind, *_ = [*line.split("\t"), "", "", ""]
            if side == "F" and kind in {"Query", "Execute"}:
                found.append(kind)


def cost(client, url) -> tuple[int, int]:
    """The status, and the statements of a second request: the first notes that the key is used, and reads the codes."""
    client.get(url)
    with sent() as statements:
        response = client.get(url)
    return response.status_code, len(statements)


class Rows:
    """What lists and details are asked about: a number of each kind, all reachable from the first testimony."""

    def __init__(self, number: int) -> None:
        with batch():
            self.book = make_codebook()
            self.codes = [make_code(codebook=self.book) for _ in range(number)]
            self.groups = [make_group() for _ in range(number)]
            self.sources = [make_source() for _ in range(number)]
            self.collections = [make_collection() for _ in range(number)]
            self.figures = [make_figure(collection=self.collections[0], sources=self.sources) for _ in range(number)]
            for _ in range(number - 1):
                make_codebook()
            self.testimonies = [
                make_testimony(
                    membership=make_membership(group=self.groups[0]),
                    codes=self.codes,
                    collections=self.collections,
                    sources=self.sources,
                    texts=["A text."] * number,
                )
                for _ in range(number)
            ]
            for _ in range(number):
                make_claim(testimony=self.testimonies[0])
                make_clearance(testimony=self.testimonies[0])
        first = self.testimonies[0]
        self.links = [
            SamePersonLink.objects.create(person=first.person, awaits=f"invented: t-{n}") for n in range(number)
        ]
        self.corrections = [
            Correction.objects.create(
                kind="testimony",
                testimony=first,
                record_id=first.pk,
                proposed={"title": "Invented"},
                reason="Invented.",
            )
            for _ in range(number)
        ]
        self.first = {
            "corrections": self.corrections[0],
            "testimonies": first,
            "codebooks": self.book,
            "persons": first.person,
            "sources": self.sources[0],
            "groups": self.groups[0],
            "collections": self.collections[0],
            "figures": self.figures[0],
            "codes": self.codes[0],
            "same-person-links": self.links[0],
            "texts": first.texts.first(),
            "citations": first.citations.first(),
            "claims": first.claims.first(),
            "clearances": first.clearances.first(),
        }

    def url(self, path: str) -> str:
        last = re.findall(r"([a-z-]+)/\{id\}", path)
        path = path.replace("{testimony_id}", str(self.testimonies[0].pk))
        path = path.replace("compare/", f"compare/?with={self.book.pk}")
        return path.replace("{id}", str(self.first[last[0]].pk)) if last else path


def test_a_statement_is_counted_whoever_sends_it(db):
    fetch(Sql("SELECT 1"))  # psycopg begins the test's own transaction with it
    with sent() as statements:
        assert not ApiKey.objects.filter(name="none").exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.execute("SELECT %s", [1])
        for prepare in (False, True, True):
            fetch(Sql("SELECT %s::int", (1,)), prepare=prepare)
        with transaction.atomic():
            fetch(Sql("SELECT 1"))
    assert len(statements) == 9, "three by the ORM and cursors, three fetched, three within a savepoint"


def test_every_endpoint_has_a_budget():
    read = {path for path, methods in document()["paths"].items() if "get" in methods}
    staff = (
        FOR_STAFF.keys()
        | FOR_CODERS.keys()
        | FOR_EDITORS.keys()
        | FOR_CUSTODIANS.keys()
        | FOR_IMPORTERS.keys()
        | IMPORTED.keys()
    )
    assert BUDGET.keys() | staff == read


@pytest.mark.parametrize("number", [1, 20])
def test_an_answer_costs_what_its_budget_says(api, number):
    rows = Rows(number)
    for role in ROLES:
        client = api.as_(role)
        is_staff = role in {"coder", "editor"}
        assert {path: cost(client, rows.url(path)) for path in BUDGET | FOR_STAFF} == {
            path: (200, budget) for path, budget in BUDGET.items()
        } | {
            path: (200, budget + (role == "coder" and path == ASKED_TWICE)) if is_staff else (403, 1)
            for path, budget in FOR_STAFF.items()
        }, role
    results = api.get("/api/v1/testimonies/").json()["results"]
    assert len(results) == number


@pytest.mark.parametrize("number", [1, 200])
def test_a_list_of_testimonies_costs_two_statements(api, number):
    make_region(slug="western-asia", countries=["SY", "DE"])
    code = make_code(slug="nothing-like-it")
    rows = Rows(1)
    with batch():
        for _ in range(number - 1):
            make_citation(testimony=make_testimony(codes=rows.codes), source=rows.sources[0])
    first = rows.testimonies[0]
    words = {
        "group": rows.groups[0].slug,
        "collection": rows.collections[0].slug,
        "book": rows.book.slug,
        "code": f"{rows.book.slug}/{rows.codes[0].slug}",
        "person": first.person.ref,
        "source": rows.sources[0].ref,
        "other": code.slug,
    }
    for role in ROLES:
        client = api.as_(role)
        page = client.get("/api/v1/testimonies/", {"page_size": 200, "count": "exact"}).json()
        assert (page["count"], len(page["results"])) == (number, number)
        for query in FILTERED:
            url = f"/api/v1/testimonies/?{query.format(**words)}"
            assert (url, cost(client, url)) == (url, (200, 2))
        for query, budget in SEARCHED.items():
            status, statements = cost(client, f"/api/v1/testimonies/?{query}")
            assert (status, min(statements, budget)) == (200, statements), query


def test_a_page_by_cursor_costs_what_the_first_one_does(api):
    with batch():
        for _ in range(5):
            make_testimony()
    page = api.get("/api/v1/testimonies/", {"page_size": 2}).json()
    page = api.get(page["next"]).json()
    assert cost(api, page["next"]) == (200, 2)
    assert cost(api, page["previous"]) == (200, 2)


@pytest.mark.parametrize("number", [1, 20])
def test_what_custodians_read(api, number):
    user = make_user()
    made = [
        VaultOpening.objects.create(user=user, act="opened", purpose="Invented: why", n_entries=0)
        for _ in range(number)
    ]
    for opening in made:
        Erasure.objects.create(pk=opening.pk, user=user)
    for path, budget in FOR_CUSTODIANS.items():
        url = path.format(id=made[0].pk)
        assert cost(api.as_("custodian"), url) == (200, budget)
        assert cost(api.as_("editor"), url) == (403, 1)


@pytest.mark.parametrize("number", [1, 20])
def test_what_was_imported(api, number):
    user = make_user()
    for _ in range(number):
        brought = Import.objects.create(created_by=user, file_name="x", digest="x", size=1, kind="csv")
    for row in range(number):
        ImportRow.objects.create(of_import=brought, number=row + 2, outcome="created")
    for path, budget in IMPORTED.items():
        url = path.format(id=brought.pk)
        assert (path, *cost(api.as_("editor"), url)) == (path, 200, budget)
        assert cost(api.as_("coder"), url) == (403, 1)


@pytest.mark.parametrize("number", [1, 20])
def test_what_is_read_to_import(api, number):
    made = [ImportMapping.objects.create(name=f"Invented {n}") for n in range(number)]
    for path, budget in FOR_IMPORTERS.items():
        url = path.format(id=made[0].pk)
        assert (path, *cost(api.as_("editor"), url)) == (path, 200, budget)
        assert cost(api.as_("coder"), url) == (403, 1)


@pytest.mark.parametrize("number", [1, 20])
def test_what_editors_read(api, number):
    with batch():
        top = make_code()
        codes = [make_code(parent=top) for _ in range(number)]
        coders = [make_user(role=Role.CODER) for _ in range(2)]
        for _ in range(number):
            testimony = make_testimony(membership=None)
            for coder in coders:
                assignment = make_assignment(testimony=testimony, codebook=top.codebook, coder=coder, state="submitted")
            for code in codes:
                make_coding(assignment=assignment, code=code)
    book = f"codebook={top.codebook.slug}@{top.codebook.edition}"
    for path, budget in FOR_EDITORS.items():
        assert (path, *cost(api.as_("editor"), f"{path}?{book}")) == (path, 200, budget)
        assert cost(api.as_("coder"), path) == (403, 1)
    found = api.as_("editor").get(f"/api/v1/agreement/confusions/?{book}&count=exact").json()
    assert found["count"] == number**2


@pytest.mark.parametrize("number", [1, 20])
def test_what_coders_read(api, number):
    """However much is coded: of one testimony by two coders, and of as many testimonies."""
    client, coder = api.as_("coder"), ApiKey.objects.get(role="coder").user
    with batch():
        codes = [make_code(parent=make_code(codebook=make_codebook()))]
        codes += [make_code(parent=codes[0].parent) for _ in range(number)]
        first = make_testimony(texts=["Invented words."])
        for testimony in [first, *(make_testimony() for _ in range(number - 1))]:
            for one in (coder, make_user(role=Role.CODER)):
                made = make_assignment(testimony=testimony, codebook=codes[0].codebook, coder=one, state="submitted")
                codings = [make_coding(assignment=made, code=code) for code in codes]
            decision = make_decision(assignment=made)
    ids = {"assignments": made.pk, "codings": codings[0].pk, "decisions": decision.pk}
    for role in ("coder", "editor"):
        if role == "coder":  # what of the last testimony is theirs
            ids["assignments"] = coder.assignments.get(testimony=made.testimony_id).pk
        for path, budget in FOR_CODERS.items():
            url = path.replace("{testimony_id}", str(first.pk))
            url = re.sub(r"([a-z]+)/{id}", lambda match: f"{match[1]}/{ids[match[1]]}", url)
            assert (role, path, cost(api.as_(role), url)) == (role, path, (200, budget))
    assert client.get("/api/v1/codings/", {"count": "exact"}).json()["count"] == number * (number + 1) * 2
    for path in FOR_CODERS:
        assert cost(api.as_("reader"), path.replace("{testimony_id}", str(first.pk)).replace("{id}", "x")) == (403, 1)


def test_what_has_not_changed_costs_no_more(api):
    rows = Rows(1)
    url = rows.url("/api/v1/testimonies/{id}/")
    etag = api.get(url).headers["ETag"]
    with sent() as statements:
        assert api.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert len(statements) == 2


def test_a_refusal_costs_no_more_than_an_answer(api, settings):
    make_testimony(tier=Tier.RESTRICTED)
    assert cost(api, "/api/v1/testimonies/?natoinality=SY") == (400, 1)
    assert cost(api, "/api/v1/testimonies/T-00000000/") == (404, 1)
    assert cost(api, "/api/v1/testimonies/00000000-0000-4000-8000-000000000000/") == (404, 2)
    assert cost(api.as_("editor"), "/api/v1/nothing/") == (404, 0)
    settings.PUBLIC_READ = False
    assert cost(api, "/api/v1/testimonies/") == (401, 1)


def test_the_first_use_of_a_key_costs_one_more(api):
    """It is noted at most every ten minutes."""
    api.get("/api/v1/me/")
    client = api.as_("reader")
    with sent() as statements:
        client.get("/api/v1/me/")
    assert len(statements) == 2
    assert cost(client, "/api/v1/me/") == (200, 1)


@pytest.mark.parametrize("path", WITHOUT_A_DATABASE)
def test_what_needs_no_rows_asks_no_database(api, path):
    with sent() as statements:
        api.get(path)
    assert statements == []
