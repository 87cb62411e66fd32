"""Pages of every list: over every ordering, in both directions, each row exactly once, whatever happens in between."""

import base64
import datetime as dt
import itertools
from contextlib import contextmanager
from functools import cmp_to_key
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testimonies.access import Role
from testimonies.api.v1 import urls
from testimonies.models import Erasure, VaultOpening
from testimonies.models import Testimony as Record
from testimonies.models.projections import PublicTestimony
from testimonies.selectors import pages
from tests import factories as make
from tests.api.answers import errors, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"
FIRST, LAST = dt.date.min, dt.date.max
MANY_IN_ONE_EXAMPLE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

DATES = [None, "2014-03", "2014", "../2014", "2014/..", "XXXX", None, "2015-21", "2014-03-01"]
TITLES = ["invented c", "invented a", "invented b", "invented a"]
GRADES = ["2", "not_graded", "1"]


def make_records():
    """20 testimonies, four moments, hardly a value that only one of them has; and a few of everything else."""
    with make.batch():
        person, group = make.make_person(), make.make_group()
        for number in range(5):
            source = make.make_source(outlet=f"Invented {number % 2}")
            make.make_figure(sources=[source])
            make.make_code(codebook=make.make_codebook(slug=f"book-{number}"))
            make.make_group()
    custodian = make.make_user(role=Role.CUSTODIAN)
    for _ in range(2):
        Erasure.objects.create(pk=uuid4(), user=custodian)
    for _ in range(3):
        VaultOpening.objects.create(user=custodian, act="opened", purpose="Invented: why", n_entries=0)
    numbers = iter(range(20))
    for size in (7, 1, 6, 6):
        with make.batch():
            for n in itertools.islice(numbers, size):
                member = make.make_membership(
                    person=person, group=group, joined=DATES[(n + 3) % 9], left=DATES[(n * 2 + 1) % 9]
                )
                make.make_testimony(
                    person=person if n else None, membership=member if n % 5 else None, sources=[], given=DATES[n % 9],
                    title=TITLES[n % 4], credibility=GRADES[n % 3], account_language="de" if n % 2 else "ar",
                    texts=[f"Invented {n}, {m}." for m in range(5)] if not n else [],
                    summary="Invented fear." + " Fear!" * (n % 3),
                )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


# --- Walking ------------------------------------------------------------------------------------------------------------


def walk(client, url, back=False):
    """The pages from `url` on, by their own links. No list here is longer than a hundred pages: a circle is a failure."""
    for _ in range(100):
        if url is None:
            return
        response = client.get(url)
        assert response.status_code == 200, response.content
        yield (page := response.json())
        url = page["previous" if back else "next"]
    raise AssertionError("the links go round in circles")


def there_and_back(client, url):
    """Ids by a walk to the end, and by the walk back from there, each in its own order."""
    forward = list(walk(client, url))
    assert forward[0]["previous"] is None
    backward = [forward[-1], *walk(client, forward[-1]["previous"], back=True)] if len(forward) > 1 else forward
    assert backward[-1]["previous"] is None
    ids = [item["id"] for page in forward for item in page["results"]]
    return ids, [item["id"] for page in backward for item in reversed(page["results"])]


def in_order(rows, ordering, key):
    """What the ordering means, told once more: nulls last in either direction, ties by id in the last direction."""

    def compare(one, other):
        for field in ordering.split(","):
            a, b = key(one, field.removeprefix("-")), key(other, field.removeprefix("-"))
            if a != b:
                if None in (a, b):
                    return 1 if a is None else -1
                return (1 if a > b else -1) * (-1 if field.startswith("-") else 1)
        descending = ordering.split(",")[-1].startswith("-")
        return (1 if one["id"] > other["id"] else -1) * (-1 if descending else 1)

    return [row["id"] for row in sorted(rows, key=cmp_to_key(compare))]


def key_of(item, field):
    if field in {"given", "joined", "left"}:
        return None if item[field] is None else item[f"{field}_earliest"] or FIRST.isoformat()
    return item[field]


FIELDS = ["updated_at", "given", "joined", "left", "title", "credibility"]


@pytest.mark.parametrize("size", [1, 3, 7, 500])
@pytest.mark.parametrize("ordering", [sign + field for field in FIELDS for sign in ("", "-")])
def test_every_ordering_meets_every_row_once_in_both_directions(api, ordering, size):
    client = api.as_("public")
    rows = results(client.get(f"{URL}?page_size=500"))
    assert len(rows) == 20
    expected = in_order(rows, ordering, key_of)
    there, back = there_and_back(client, f"{URL}?ordering={ordering}&page_size={size}")
    assert (there, back) == (expected, expected[::-1])


@MANY_IN_ONE_EXAMPLE
@given(
    fields=st.lists(st.sampled_from(FIELDS), min_size=2, max_size=6, unique=True),
    signs=st.lists(st.sampled_from(["", "-"]), min_size=6, max_size=6),
    size=st.integers(1, 21),
    filters=st.sampled_from(
        ["", "&account_language=de", "&q=fear", "&credibility=1&credibility=2", "&given_after=2014"]
    ),
)
def test_several_fields_in_mixed_directions(api, fields, signs, size, filters):
    client, ordering = api.as_("public"), ",".join(map("".join, zip(signs, fields, strict=False)))
    expected = in_order(results(client.get(f"{URL}?page_size=500{filters}")), ordering, key_of)
    there, back = there_and_back(client, f"{URL}?ordering={ordering}&page_size={size}{filters}")
    assert (there, back) == (expected, expected[::-1])


@pytest.mark.parametrize("size", [3, 20])
@pytest.mark.parametrize(
    "ordering", ["relevance", "-relevance", "relevance,title", "title,relevance", "-given,relevance,left"]
)
@pytest.mark.parametrize(("q", "found"), [("fear", 20), ("fear OR invented", 20), ("-war", 20), ("nothing", 0)])
def test_relevance_is_walked_like_any_ordering(api, q, found, ordering, size):
    there, back = there_and_back(api.as_("public"), f"{URL}?q={q}&ordering={ordering}&page_size={size}")
    assert (len(there), len(set(there))) == (found, found)
    assert there == back[::-1]


def test_the_best_match_comes_first(api):
    summaries = [item["summary"].count("ear") for item in results(api.get(f"{URL}?q=fear&ordering=relevance"))]
    assert summaries == [3] * 6 + [2] * 7 + [1] * 7


def test_the_default_order_is_the_latest_change_first(api):
    assert results(api.get(URL)) == results(api.get(f"{URL}?ordering=-updated_at"))


ORDERED = {
    # list: its allowed orderings, the number of rows that a custodian finds
    "testimonies/": ("updated_at given joined left title credibility relevance", 20),
    "persons/": ("default updated_at", 2),
    "sources/": ("default updated_at", 5),
    "groups/": ("default updated_at", 6),
    "collections/": ("default updated_at", 5),
    "figures/": ("default updated_at", 5),
    "codebooks/": ("default updated_at", 5),
    "codes/": ("default updated_at", 5),
    "same-person-links/": ("created_at", 0),
    "import-mappings/": ("name", 0),
    "erasures/": ("at", 2),
    "imports/": ("created_at", 0),
    "vault-openings/": ("at", 3),
    "corrections/": ("created_at", 0),
    "assignments/": ("created_at", 0),
    "codings/": ("created_at", 0),
    "decisions/": ("created_at", 0),
}


def test_every_list_is_walked():
    """Those below a testimony have tests of their own."""
    registered = ((segment, viewset) for segment, viewset, _ in urls.router.registry if "testimony_id" not in segment)
    lists = {f"{segment}/": viewset.declared for segment, viewset in registered if hasattr(viewset, "declared")}
    assert {name: " ".join(declared.orders) for name, declared in lists.items()} == {
        name: orders for name, (orders, _) in ORDERED.items()
    }


@pytest.mark.parametrize(
    ("name", "order"), [(name, order) for name, (orders, _) in ORDERED.items() for order in orders.split()]
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_list_is_walked_by_every_ordering(api, name, order, sign):
    q = "&q=fear" if order == "relevance" else ""
    client, url = api.as_("custodian"), f"/api/v1/{name}?ordering={sign}{order}&page_size=2{q}"
    there, back = there_and_back(client, url)
    assert len(there) == len(set(there)) == ORDERED[name][1]
    assert there == back[::-1]
    assert sorted(there) == sorted(item["id"] for item in results(client.get(f"/api/v1/{name}?page_size=500")))


@pytest.mark.parametrize("ordering", ["position", "-position"])
def test_texts_are_walked(api, ordering):
    record = Record.objects.exclude(texts=None).get()
    there, back = there_and_back(api, f"{URL}{record.pk}/texts/?page_size=2&ordering={ordering}")
    expected = [str(pk) for pk in record.texts.order_by(ordering).values_list("pk", flat=True)]
    assert (there, back) == (expected, expected[::-1])


# --- Random rows, and what changes while somebody walks --------------------------------------------------------------

days = st.one_of(
    st.none(), st.sampled_from([FIRST, dt.date(2014, 1, 1), dt.date(2014, 3, 1), dt.date(2015, 1, 1), LAST])
)
random_rows = st.fixed_dictionaries(
    {
        "updated_at": st.integers(0, 2).map(lambda n: dt.datetime(2026, 1, 5, 10, 0, 0, n, tzinfo=dt.UTC)),
        "given_earliest": days,
        "joined_earliest": days,
        "left_earliest": days,
        "title_key": st.text("ab", max_size=2),
        "credibility": st.sampled_from(["1", "6", "not_graded"]),
    }
)
COLUMNS = {"given": "given_earliest", "joined": "joined_earliest", "left": "left_earliest", "title": "title_key"}
orderings = st.lists(
    st.tuples(st.sampled_from(["", "-"]), st.sampled_from(FIELDS)), min_size=1, max_size=3, unique_by=lambda x: x[1]
)


def store(values):
    """A row as a projection would have written it; its document is another one's with a new id."""
    row = PublicTestimony.objects.order_by("id").first()
    new = uuid4()
    row.item = row.item.replace(str(row.testimony_id), str(new))
    row.pk, row.testimony_id, row.account_language = None, new, "ga"
    for name, value in values.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return {"id": str(new), **values}


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@MANY_IN_ONE_EXAMPLE
@given(values=st.lists(random_rows, max_size=9), ordering=orderings, size=st.integers(1, 4))
def test_random_rows_are_met_once_in_both_directions(api, values, ordering, size):
    ordering = ",".join(sign + field for sign, field in ordering)
    with undone():
        expected = in_order([store(row) for row in values], ordering, lambda row, field: row[COLUMNS.get(field, field)])
        url = f"{URL}?account_language=ga&ordering={ordering}&page_size={size}"
        assert there_and_back(api.as_("public"), url) == (expected, expected[::-1])


changes = st.lists(
    st.lists(st.one_of(random_rows, st.integers(0, 20)), max_size=3), max_size=12
)  # between two pages: rows that come, and numbers of rows that go


@MANY_IN_ONE_EXAMPLE
@given(
    values=st.lists(random_rows, max_size=9), changes=changes, by=st.tuples(orderings, st.integers(1, 3), st.booleans())
)
def test_who_stays_is_met_once_whoever_comes_and_goes(api, values, changes, by):
    client, (ordering, size, back) = api.as_("public"), by
    ordering = ",".join(sign + field for sign, field in ordering)
    url = f"{URL}?account_language=ga&ordering={ordering}&page_size={size}"
    with undone():
        there = [store(row)["id"] for row in values]
        stayed, seen = set(there), []
        if back:
            url = list(walk(client, url))[-1]["previous"]
            stayed = {item["id"] for page in walk(client, url, back=True) for item in page["results"]}
        todo = iter(changes)
        for page in walk(client, url, back=back):
            seen += [item["id"] for item in page["results"]]
            for change in next(todo, []):
                if isinstance(change, dict):
                    there.append(store(change)["id"])
                elif there:
                    gone = there.pop(change % len(there))
                    stayed.discard(gone)
                    PublicTestimony.objects.get(testimony_id=gone).delete()
        assert len(seen) == len(set(seen))
        assert stayed <= set(seen)


# --- Cursors ------------------------------------------------------------------------------------------------------------


def cursor_of(client, url, back=False):
    page = client.get(url).json()
    assert page["next_cursor"], "there is no next page"
    return client.get(page["next"]).json()["previous_cursor"] if back else page["next_cursor"]


FORGED = {
    "empty": lambda cursor: "",
    "words": lambda cursor: "tomorrow",
    "cut at the end": lambda cursor: cursor[:-1],
    "cut at the start": lambda cursor: cursor[1:],
    "cut in the middle": lambda cursor: cursor[:9] + cursor[12:],
    "another end": lambda cursor: cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB"),
    "another start": lambda cursor: ("B" if cursor[0] != "B" else "C") + cursor[1:],
    "twice": lambda cursor: cursor + cursor,
    "no ascii": lambda cursor: cursor + "é",
    "half of it": lambda cursor: cursor[: len(cursor) // 8 * 4],
    "of another length": lambda cursor: cursor + "AAAA",
    "json": lambda cursor: '["x", false, "y"]',
}


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("how", FORGED)
def test_a_forged_cursor_is_refused(api, how, back):
    client, url = api.as_("public"), f"{URL}?ordering=given&page_size=5"
    cursor = cursor_of(client, url, back=back)
    assert len(results(client.get(f"{url}", {"ordering": "given", "cursor": cursor}))) > 4
    response = client.get(URL, {"ordering": "given", "page_size": "5", "cursor": FORGED[how](cursor)})
    assert errors(response) in ([("cursor", "invalid_cursor")], [("cursor", "foreign_cursor")])


def test_a_cursor_of_another_secret_is_refused(api, settings):
    cursor = cursor_of(api, f"{URL}?page_size=5")
    assert api.get(URL, {"cursor": cursor}).status_code == 200
    settings.SECRET_KEY = "another secret, as after a rotation"
    assert errors(api.get(URL, {"cursor": cursor})) == [("cursor", "invalid_cursor")]


def test_a_cursor_tells_nothing_and_is_the_same_for_the_same_page(api):
    """Order values may count what is hidden, so they are encrypted; and a page that has not changed has one ETag."""
    url = f"{URL}?ordering=title,updated_at&page_size=3"
    first, second = api.get(url), api.get(url)
    last, cursor = first.json()["results"][-1], first.json()["next_cursor"]
    plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for value in (last["title"], last["updated_at"][:10], last["id"], UUID(last["id"]).hex, URL, "title"):
        assert value.encode() not in plain
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]


MADE_BY = "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given&page_size=2"
FOREIGN = {
    # who sends the cursor that `public` got for MADE_BY, and where: refused or not
    "as it was": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given&page_size=2", 200),
    "values in another order": ("public", "testimonies/?given_after=2014&account_language=ar&account_language=de&ordering=given", 200),
    "another page size": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given&page_size=9", 200),
    "counted": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given&count=exact", 200),
    "of the same tier": ("anonymous", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given", 200),
    "a filter less": ("public", "testimonies/?account_language=de&given_after=2014&ordering=given", 400),
    "a filter more": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given&gender=male", 400),
    "another value": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2013&ordering=given", 400),
    "another name": ("public", "testimonies/?account_language=de&account_language=ar&given_before=2014&ordering=given", 400),
    "certain": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given&match=certain", 400),
    "searched": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given&q=fear", 400),
    "another ordering": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=left", 400),
    "the other direction": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=-given", 400),
    "one field more": ("public", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given,left", 400),
    "another tier": ("reader", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given", 400),
    "staff": ("editor", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given", 400),
    "limited to uses": ("campaigner", "testimonies/?account_language=de&account_language=ar&given_after=2014&ordering=given", 400),
    "another list": ("public", "sources/?ordering=updated_at", 400),
}  # fmt: skip


@pytest.fixture(scope="module")
def keys(keys, keep):
    secret = keep(lambda: make.make_key(tier=0, uses=["campaign", "research"])[1])
    return {**keys, "campaigner": {"Authorization": f"Bearer {secret}"}}


@pytest.mark.parametrize("how", FOREIGN)
def test_a_cursor_fits_only_what_it_was_made_for(api, how):
    caller, url, status = FOREIGN[how]
    cursor = cursor_of(api.as_("public"), f"/api/v1/{MADE_BY}")
    response = api.as_(caller).get(f"/api/v1/{url}&cursor={cursor}")
    assert response.status_code == status
    if status == 400:
        assert errors(response) == [("cursor", "foreign_cursor")]


def test_a_cursor_of_one_record_does_not_fit_another(api):
    one = Record.objects.exclude(texts=None).get()
    other = make.make_testimony(texts=["Invented 1.", "Invented 2."])
    cursor = cursor_of(api, f"{URL}{one.pk}/texts/?page_size=1")
    assert len(results(api.get(f"{URL}{one.pk}/texts/?cursor={cursor}"))) == 4
    assert errors(api.get(f"{URL}{other.pk}/texts/?cursor={cursor}")) == [("cursor", "foreign_cursor")]


def test_a_cursor_of_long_values_works(api):
    title = "م" * 300
    for _ in range(3):
        make.make_testimony(title=title, sources=[], account_language="ga")
    there, back = there_and_back(api, f"{URL}?account_language=ga&ordering=title,given&page_size=1")
    assert len(there) == len(set(there)) == 3
    assert there == back[::-1]


def test_links_keep_what_was_asked(api):
    asked = [
        ("outlet", "Rádio & +"),
        ("nationality", "SY"),
        ("nationality", "IQ"),
        ("page_size", "1"),
        ("ordering", "-given,title"),
    ]
    for n in range(3):
        person = make.make_person(nationality="IQ" if n else "SY")
        make.make_testimony(person=person, sources=[make.make_source(outlet="Rádio & +")])
    first = api.get(URL, dict(asked) | {"nationality": ["SY", "IQ"]}).json()
    link = urlsplit(first["next"])
    assert (link.scheme, link.netloc, link.path) == ("http", "localhost", URL)
    assert parse_qsl(link.query) == [*asked, ("cursor", first["next_cursor"])]
    second = api.get(first["next"]).json()
    assert parse_qsl(urlsplit(second["previous"]).query) == [*asked, ("cursor", second["previous_cursor"])]
    assert api.get(second["previous"]).json()["results"] == first["results"]


# --- Sizes and counts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "pages"), [("1", 20), ("10", 2), ("19", 2), ("20", 1), ("0500", 1), ("500", 1)])
def test_pages_are_as_long_as_asked(api, size, pages):
    found = list(walk(api, f"{URL}?page_size={size}"))
    assert len(found) == pages
    assert {len(page["results"]) for page in found[:-1]} <= {int(size)}
    assert sum(len(page["results"]) for page in found) == 20


@pytest.mark.parametrize("size", ["0", "501", "-1", "1.5", "", "ten", "٣", "1e2", "00001", "%2B1", "%201"])
@pytest.mark.parametrize("path", [URL, "/api/v1/sources/"])
def test_no_page_has_such_a_size(api, path, size):
    assert errors(api.get(f"{path}?page_size={size}")) == [("page_size", "invalid")]


def test_a_page_has_fifty_rows_unless_asked(api):
    with undone():
        for _ in range(51):
            store({})
        assert len(results(api.get(f"{URL}?account_language=ga"))) == 50


COUNTS = [
    # cap, what is asked, then count and count_kind of the 20 records, of the 10 in German, of none
    (10_000, "", (None, "none"), (None, "none"), (None, "none")),
    (10_000, "&count=none", (None, "none"), (None, "none"), (None, "none")),
    (10_000, "&count=exact", (20, "exact"), (10, "exact"), (0, "exact")),
    (10_000, "&count=capped", (20, "exact"), (10, "exact"), (0, "exact")),
    (20, "&count=capped", (20, "exact"), (10, "exact"), (0, "exact")),
    (19, "&count=capped", (19, "capped"), (10, "exact"), (0, "exact")),
    (5, "&count=capped", (5, "capped"), (5, "capped"), (0, "exact")),
    (5, "&count=exact", (20, "exact"), (10, "exact"), (0, "exact")),
]


@pytest.mark.parametrize(("cap", "asked", "counts"), [(cap, asked, counts) for cap, asked, *counts in COUNTS])
def test_counts(api, monkeypatch, cap, asked, counts):
    monkeypatch.setattr(pages, "CAP", cap)
    for query, expected in zip(("", "&account_language=de", "&account_language=fr"), counts, strict=True):
        for page in walk(api.as_("public"), f"{URL}?page_size=6{query}{asked}"):
            assert (page["count"], page["count_kind"]) == expected


@pytest.mark.parametrize(
    "name", ["persons/", "sources/", "groups/", "collections/", "figures/", "codebooks/", "codes/"]
)
def test_shared_records_are_counted_as_well(api, name):
    for page in walk(api.as_("editor"), f"/api/v1/{name}?page_size=2&count=exact"):
        assert (page["count"], page["count_kind"]) == (ORDERED[name][1], "exact")


@pytest.mark.parametrize(("count", "expected"), [("exact", (20, "exact")), ("none", (None, "none"))])
def test_a_page_whose_rows_went_is_empty_and_still_counts(api, count, expected):
    cursor = cursor_of(api, f"{URL}?page_size=19&ordering=title")
    rest = results(api.get(f"{URL}?ordering=title&cursor={cursor}"))
    assert len(rest) == 1
    with undone():
        store({"title_key": "aaa"})
        PublicTestimony.objects.get(testimony_id=rest[0]["id"]).delete()
        page = api.get(f"{URL}?ordering=title&cursor={cursor}&count={count}").json()
        all_before = results(api.get(f"{URL}?ordering=title"))
        back = results(api.get(page["previous"]))
    assert (page["results"], page["next"]) == ([], None)
    assert (page["count"], page["count_kind"]) == expected
    assert back == all_before  # the way back begins where it led from
