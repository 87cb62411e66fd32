"""/api/v1/testimonies/: every filter as a table of literals, for each tier, and what is refused."""

import pytest

from testimonies.access import Tier
from testimonies.api.v1.testimonies import FILTERS
from testimonies.models.projections import PublicTestimony
from tests import factories as make
from tests.api.answers import errors, titles

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"
DAILY, ONE = "S-0000000S", "P-0000000E"


def make_codes():
    """Code by codebook and slug. `leaving` is in every codebook, `leave-fatigue` in two, `join-faith` also in a hidden one."""
    tree = {
        "alpha": {
            "leaving": ["leave-brutality", "leave-brutality-civilians", "leave-fatigue"],
            "joining": ["join-faith"],
            "exit": ["exit-smuggler"],
        },
        "beta@1": {"leaving": ["leave-debt", "leave-fatigue"]},
        "beta@2": {"leaving": ["leave-debt"]},
        "inner": {"leaving": ["leave-secret", "join-faith"]},
    }
    found = {}
    for name, dimensions in tree.items():
        slug, _, edition = name.partition("@")
        tier = Tier.PARTNER if name == "inner" else Tier.PUBLIC
        codebook = make.make_codebook(slug=slug, edition=edition or "1", tier=tier)
        for dimension, slugs in dimensions.items():
            top = make.make_code(codebook=codebook, slug=dimension)
            for slug in slugs:
                parent = found["alpha/leave-brutality"] if slug == "leave-brutality-civilians" else top
                tier = Tier.RESTRICTED if slug == "exit-smuggler" else Tier.PUBLIC
                found[f"{name}/{slug}"] = make.make_code(parent=parent, slug=slug, tier=tier)
    return found


def make_records():
    """Six public testimonies, one for partners, three for staff. A testimony's title is what the tables below call it."""
    with make.batch():
        north, south = make.make_group(slug="north"), make.make_group(slug="south")
        cell = make.make_group(slug="hidden-cell", tier=Tier.PARTNER)
        press, extra = make.make_collection(slug="press"), make.make_collection(slug="extra")
        shelf = make.make_collection(slug="secret-shelf", tier=Tier.PARTNER)
        make.make_collection(slug="empty")
        for slug, countries in {"western-asia": ["SY", "IQ", "TR"], "western-europe": ["DE", "FR", "NL"]}.items():
            make.make_region(slug=slug, countries=countries)
        code = make_codes()
        daily = make.make_source(outlet="Invented Daily", medium="newspaper", ref=DAILY)
        radio = make.make_source(outlet="Rádio Inventée", medium="radio")
        wire = make.make_source(outlet="Invented Wire", medium="news_agency")
        book = make.make_source(outlet="Hidden Herald", medium="book", tier=Tier.RESTRICTED)
        one = make.make_person(ref=ONE, gender="female", nationality="SY", residence_before="DE")
        two = make.make_person(gender="male", nationality="IQ", residence_before="FR")
        three = make.make_person(gender="other", nationality=None, residence_before=None, name="", name_kind="none")
        four = make.make_person(gender="female", nationality="DE", residence_before="NL")
        six = make.make_person(
            gender="female", nationality="SY", residence_before="DE", raised={"gender": 1, "nationality": 2}
        )
        staff = make.make_person(gender="not_known", nationality="US", residence_before=None)
        make.make_testimony(
            title="ann",
            person=one,
            sources=[daily],
            collections=[press],
            codes=[code["alpha/leave-brutality-civilians"], code["beta@1/leave-debt"]],
            membership=make.make_membership(person=one, group=north, joined="2014-03", left="2015"),
            account_language="en",
            kind="interview",
            speaking_conditions="free",
            given="2016-05-04",
            given_country="TR",
            credibility="2",
            uses=["research", "summary"],
        )
        make.make_testimony(
            title="bob",
            person=two,
            sources=[radio, wire],
            collections=[press, extra],
            codes=[code["alpha/leave-fatigue"], code["alpha/join-faith"]],
            membership=make.make_membership(
                person=two, group=south, belonging="says_forced", joined="2013/2014", left="2014~"
            ),
            account_language="ar",
            kind="broadcast_statement",
            speaking_conditions="in_custody",
            given="2015-10/2016-02",
            given_country="IQ",
            credibility="6",
            uses=["research", "campaign"],
        )
        make.make_testimony(
            title="cyd",
            person=three,
            sources=[],
            membership=None,
            account_language="de",
            kind="documentary",
            given=None,
            given_country=None,
            uses=["research"],
        )
        make.make_testimony(
            title="dee",
            person=four,
            sources=[daily, book],
            collections=[extra],
            codes=[code["alpha/leave-brutality"], code["beta@2/leave-debt"]],
            membership=make.make_membership(
                person=four, group=north, belonging="denied", joined="../2013", left="2016/.."
            ),
            account_language="zh-Hant",
            kind="written_account",
            speaking_conditions="officials_present",
            given="2015/..",
            given_country="DE",
            credibility="1",
            uses=["media"],
        )
        make.make_testimony(
            title="eli",
            person=one,
            sources=[wire],
            membership=None,
            codes=[code["beta@1/leave-fatigue"]],
            account_language="en-GB",
            kind="second_hand",
            speaking_conditions="through_captor",
            given="201X",
            given_country="TR",
            credibility="3",
            uses=["quote"],
        )
        fay = make.make_testimony(
            title="fay",
            person=six,
            sources=[],
            collections=[shelf],
            codes=[code["alpha/exit-smuggler"]],
            membership=make.make_membership(person=six, group=north, tier=Tier.PARTNER, joined="2014-03", left="2015"),
            account_language="en",
            kind="interview",
            speaking_conditions="free",
            given="2016-05-04",
            given_country="TR",
            credibility="2",
            uses=["research"],
            raised={"speaking_conditions": 1, "given_country": 1, "given": 2, "credibility": 2},
        )
        make.make_citation(testimony=fay, source=wire, tier=Tier.PARTNER)
        five = make.make_person(gender="male", nationality="SY", residence_before="DE", tier=Tier.PARTNER)
        make.make_testimony(
            title="pam",
            person=five,
            tier=Tier.PARTNER,
            sources=[make.make_source(outlet="Partner Post", medium="blog")],
            membership=make.make_membership(
                person=five, group=cell, belonging="alleged", joined="2014-03", left="2015"
            ),
            collections=[shelf],
            codes=[code["inner/leave-secret"], code["alpha/leave-fatigue"]],
            account_language="fr",
            kind="interview",
            speaking_conditions="free",
            given="2016-05-04",
            given_country="TR",
            credibility="2",
            uses=["research"],
        )
        for title, values in {
            "rex": {"tier": Tier.RESTRICTED, "codes": [code["alpha/exit-smuggler"]]},
            "dan": {"status": "draft"},
            "wil": {"status": "withdrawn"},
        }.items():
            make.make_testimony(
                title=title, person=staff, sources=[], membership=None, account_language="ru", kind="other",
                given=None, given_country="US", uses=["training"], **values,
            )  # fmt: skip
    return {
        "daily": daily.pk, "wire": wire.ref.lower(), "book": book.pk, "one": one.pk, "five": five.ref,
        "made": PublicTestimony.objects.earliest("updated_at").updated_at.isoformat().replace("+", "%2B"),
    }  # fmt: skip


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


EVERYBODY = "ann bob cyd dee eli fay"
FOUND = [
    # query string, then what the public, a partner and an editor find; None: as the one before
    ("", EVERYBODY, f"{EVERYBODY} pam", f"{EVERYBODY} pam dan rex wil"),
    ("person={one}", "ann eli", None, None),
    (f"person={ONE}", "ann eli", None, None),
    ("person=p-oooooooe", "ann eli", None, None),
    ("person={five}", "", "pam", None),
    ("person={one}&person={five}", "ann eli", "ann eli pam", None),
    ("gender=female", "ann dee eli", "ann dee eli fay", None),
    ("gender=female&gender=male", "ann bob dee eli", "ann bob dee eli fay pam", None),
    ("gender=not_known", "fay", "", "dan rex wil"),
    ("nationality=SY", "ann eli", "ann eli pam", "ann eli fay pam"),
    ("nationality=sy", "ann eli", "ann eli pam", "ann eli fay pam"),
    ("nationality=SY&nationality=IQ", "ann bob eli", "ann bob eli pam", "ann bob eli fay pam"),
    ("nationality=SE", "", None, None),
    ("nationality_region=western-asia", "ann bob eli", "ann bob eli pam", "ann bob eli fay pam"),
    ("nationality_region=western-asia&nationality_region=western-europe",
     "ann bob dee eli", "ann bob dee eli pam", "ann bob dee eli fay pam"),
    ("nationality_region=western-asia&nationality=SY", "ann eli", "ann eli pam", "ann eli fay pam"),
    ("nationality=SY&residence_before=NL", "", None, None),
    ("residence_before=DE", "ann eli fay", "ann eli fay pam", None),
    ("residence_region=western-europe", "ann bob dee eli fay", "ann bob dee eli fay pam", None),
    ("residence_region=western-asia", "", None, None),
    ("group=north", "ann dee", "ann dee fay", None),
    ("group=north&group=south", "ann bob dee", "ann bob dee fay", None),
    ("membership=says_member", "ann", "ann fay", None),
    ("membership=denied&membership=says_forced", "bob dee", None, None),
    ("membership=alleged", "", "pam", None),
    ("membership=not_known", "cyd eli fay", "cyd eli", "cyd eli dan rex wil"),
    ("collection=press", "ann bob", None, None),
    ("collection=press&collection=extra", "ann bob dee", None, None),
    ("collection=empty", "", None, None),
    ("collection=press&membership=says_forced", "bob", None, None),
    ("codebook=alpha", "ann bob dee", "ann bob dee pam", "ann bob dee fay pam rex"),
    ("codebook=beta", "ann dee eli", None, None),
    ("codebook=beta%401", "ann eli", None, None),
    ("codebook=beta%402", "dee", None, None),
    ("codebook=beta%402&codebook=alpha%401", "ann bob dee", "ann bob dee pam", "ann bob dee fay pam rex"),
    ("code=leave-brutality", "ann dee", None, None),
    ("code=leave-brutality-civilians", "ann", None, None),
    ("code=alpha/leaving", "ann bob dee", "ann bob dee pam", None),
    ("code=alpha%401/leaving", "ann bob dee", "ann bob dee pam", None),
    ("code=alpha/leave-fatigue", "bob", "bob pam", None),
    ("code=beta/leave-fatigue", "eli", None, None),
    ("code=leave-debt", "ann dee", None, None),
    ("code=beta/leave-debt", "ann dee", None, None),
    ("code=beta%402/leave-debt", "dee", None, None),
    ("code=exit", "", None, "fay rex"),
    ("code=leave-brutality-civilians&code=joining", "ann bob", None, None),
    ("code_all=leave-brutality&code_all=leave-debt", "ann dee", None, None),
    ("code_all=leave-brutality-civilians&code_all=leave-debt", "ann", None, None),
    ("code_all=alpha/leaving&code_all=joining", "bob", None, None),
    ("code_none=alpha/leaving", "cyd eli fay", None, "cyd eli fay dan rex wil"),
    ("code_none=alpha/leaving&code_none=beta/leaving", "cyd fay", None, "cyd fay dan rex wil"),
    ("code_none=exit", EVERYBODY, f"{EVERYBODY} pam", "ann bob cyd dee eli pam dan wil"),
    ("code=alpha/leaving&code_none=joining", "ann dee", "ann dee pam", None),
    ("source={daily}", "ann dee", None, None),
    (f"source={DAILY}", "ann dee", None, None),
    ("source={wire}", "bob eli", "bob eli fay", None),
    ("source={wire}&source={daily}", "ann bob dee eli", "ann bob dee eli fay", None),
    ("source={book}", "", None, "dee"),
    ("outlet=invented daily", "ann dee", None, None),
    ("outlet=RADIO INVENTEE", "bob", None, None),
    ("outlet=Invented", "", None, None),
    ("outlet=hidden herald", "", None, "dee"),
    ("outlet=Partner Post", "", "pam", None),
    ("medium=newspaper", "ann dee", None, None),
    ("medium=news_agency&medium=radio", "bob eli", "bob eli fay", None),
    ("medium=book", "", None, "dee"),
    ("account_language=en", "ann fay", None, None),
    ("account_language=EN-gb", "eli", None, None),
    ("account_language=deu", "cyd", None, None),
    ("account_language=zh-Hant&account_language=ar", "bob dee", None, None),
    ("kind=interview", "ann fay", "ann fay pam", None),
    ("kind=second_hand&kind=documentary", "cyd eli", None, None),
    ("speaking_conditions=free", "ann", "ann fay pam", None),
    ("speaking_conditions=in_custody&speaking_conditions=through_captor", "bob eli", None, None),
    ("given_country=TR", "ann eli", "ann eli fay pam", None),
    ("given_country=iq&given_country=DE", "bob dee", None, None),
    ("credibility=2", "ann", "ann pam", "ann fay pam"),
    ("credibility=1&credibility=6", "bob dee", None, None),
    ("credibility=not_graded", "cyd fay", None, "cyd dan rex wil"),
    ("cleared_for=campaign", "bob", None, None),
    ("cleared_for=media&cleared_for=quote", "dee eli", None, None),
    ("cleared_for=training", "", None, "dan rex wil"),
    ("cleared_for=research&gender=male", "bob", "bob pam", None),
    ("updated_since={made}", EVERYBODY, f"{EVERYBODY} pam", f"{EVERYBODY} pam dan rex wil"),
    ("updated_since=2999-01-01T00:00:00Z", "", None, None),
    ("updated_since=2999-01-01T00:00:00Z&updated_since={made}", EVERYBODY, f"{EVERYBODY} pam", f"{EVERYBODY} pam dan rex wil"),
    ("updated_since=2000-01-01T00:00:00 05:00", EVERYBODY, f"{EVERYBODY} pam", f"{EVERYBODY} pam dan rex wil"),
    # dates: given   ann 2016-05-04   bob 2015-10/2016-02   cyd never   dee 2015/..   eli 201X   fay, pam as ann
    ("given_after=2016-05-04", "ann dee eli", "ann dee eli pam", "ann dee eli fay pam"),
    ("given_after=2016-05-05", "dee eli", None, None),
    ("given_after=2016-02-29", "ann bob dee eli", "ann bob dee eli pam", "ann bob dee eli fay pam"),
    ("given_after=2016-03-01", "ann dee eli", "ann dee eli pam", "ann dee eli fay pam"),
    ("given_after=2016-21", "ann dee eli", "ann dee eli pam", "ann dee eli fay pam"),
    ("given_after=2020", "dee", None, None),
    ("given_after=2017&given_after=2016-05-04", "ann dee eli", "ann dee eli pam", "ann dee eli fay pam"),
    ("given_before=2016-05-04", "ann bob dee eli", "ann bob dee eli pam", "ann bob dee eli fay pam"),
    ("given_before=2016-05-03", "bob dee eli", None, None),
    ("given_before=2015-10-01", "bob dee eli", None, None),
    ("given_before=2015-09-30", "dee eli", None, None),
    ("given_before=2010-01", "eli", None, None),
    ("given_before=2009", "", None, None),
    ("given_before=2009&given_before=2015-09", "dee eli", None, None),
    ("given_after=2015&given_before=2015", "bob dee eli", None, None),
    ("given_after=2015&match=certain", "ann bob dee", "ann bob dee pam", "ann bob dee fay pam"),
    ("given_after=2015-10-01&match=certain", "ann bob", "ann bob pam", "ann bob fay pam"),
    ("given_after=2015-10-02&match=certain", "ann", "ann pam", "ann fay pam"),
    ("given_before=2016-02-29&match=certain", "bob", None, None),
    ("given_before=2016-02-28&match=certain", "", None, None),
    ("given_before=2019&match=certain", "ann bob eli", "ann bob eli pam", "ann bob eli fay pam"),
    ("given_before=2019-12-30&match=certain", "ann bob", "ann bob pam", "ann bob fay pam"),
    ("given_after=2015&given_before=2016&match=certain", "ann bob", "ann bob pam", "ann bob fay pam"),
    ("given_after=2015&given_before=2016&match=possible", "ann bob dee eli", "ann bob dee eli pam", "ann bob dee eli fay pam"),
    # joined          ann 2014-03   bob 2013/2014   dee ../2013   fay (from partner) and pam as ann
    ("joined_after=2014-03-31", "ann bob", "ann bob fay pam", None),
    ("joined_after=2014-04", "bob", None, None),
    ("joined_before=2014-03-01", "ann bob dee", "ann bob dee fay pam", None),
    ("joined_before=2014-02-28", "bob dee", None, None),
    ("joined_before=1990", "dee", None, None),
    ("joined_before=2013&match=certain", "dee", None, None),
    ("joined_before=2014&match=certain", "ann bob dee", "ann bob dee fay pam", None),
    ("joined_after=2013&match=certain", "ann bob", "ann bob fay pam", None),
    ("joined_after=2013-01-02&match=certain", "ann", "ann fay pam", None),
    # left            ann 2015   bob 2014~   dee 2016/..   fay (from partner) and pam as ann
    ("left_after=2015-12-31", "ann dee", "ann dee fay pam", None),
    ("left_after=2016", "dee", None, None),
    ("left_before=2014-01-01", "bob", None, None),
    ("left_before=2013-12-31", "", None, None),
    ("left_before=2015&match=certain", "ann bob", "ann bob fay pam", None),
    ("left_after=2016&match=certain", "dee", None, None),
    ("joined_after=2014&left_before=2014", "bob", None, None),
    ("match=certain", EVERYBODY, f"{EVERYBODY} pam", f"{EVERYBODY} pam dan rex wil"),
]  # fmt: skip
FOR_STAFF = [
    ("status=draft", "dan"),
    ("status=draft&status=withdrawn", "dan wil"),
    ("status=in_review", ""),
    ("status=published&nationality=US", "rex"),
    ("tier=partner", "pam"),
    ("tier=restricted&tier=partner", "pam rex"),
    ("tier=public&code=exit", "fay"),
]


@pytest.mark.parametrize(("query", "found"), [(query, found) for query, *found in FOUND], ids=[row[0] for row in FOUND])
def test_a_filter_finds_exactly_these(api, made, query, found):
    before = None
    for caller, names in zip(("public", "reader", "editor"), found, strict=True):
        before = before if names is None else set(names.split())
        assert set(titles(api.as_(caller).get(f"{URL}?{query.format(**made)}"))) == before


@pytest.mark.parametrize(("query", "staff"), FOR_STAFF)
def test_a_filter_for_staff_is_unknown_to_everybody_else(api, made, query, staff):
    assert set(titles(api.as_("editor").get(f"{URL}?{query}"))) == set(staff.split())
    for caller in ("anonymous", "public", "reader"):
        codes = {code for _, code in errors(api.as_(caller).get(f"{URL}?{query}")) if code != "unknown_value"}
        assert codes == {"unknown_parameter"}


@pytest.mark.parametrize("near", ["statu", "tie", "tiers"])
def test_nobody_is_told_of_a_filter_for_staff(api, near):
    assert "Did you mean" in api.as_("editor").get(f"{URL}?{near}=x").json()["errors"][0]["detail"]
    detail = api.as_("reader").get(f"{URL}?{near}=x").json()["errors"][0]["detail"]
    assert detail == "There is no such parameter here."


def test_every_declared_filter_is_tried():
    tried = {pair.partition("=")[0] for query, *_ in [*FOUND, *FOR_STAFF] for pair in query.split("&") if pair}
    assert tried - {"match"} == {declared.name for declared in FILTERS}


# --- What is refused ----------------------------------------------------------------------------------------------------

REFUSED = [
    # query string, what is wrong, words that the details hold
    ("gendr=female", [("gendr", "unknown_parameter")], "Did you mean gender?"),
    ("Gender=female", [("Gender", "unknown_parameter")], "Did you mean gender?"),
    ("gender=femal", [("gender", "unknown_value")], "Did you mean female?"),
    ("gender=", [("gender", "unknown_value")], "female, male, other, not_known"),
    ("gender=female&gender=nobody", [("gender", "unknown_value")], "female"),
    ("kind=intervew", [("kind", "unknown_value")], "Did you mean interview?"),
    ("membership=say_member", [("membership", "unknown_value")], "Did you mean says_member?"),
    ("speaking_conditions=fre", [("speaking_conditions", "unknown_value")], "Did you mean free?"),
    ("credibility=7", [("credibility", "unknown_value")], "not_graded"),
    ("cleared_for=campain", [("cleared_for", "unknown_value")], "Did you mean campaign?"),
    ("medium=televison", [("medium", "unknown_value")], "Did you mean television?"),
    ("nationality=Germany", [("nationality", "unknown_value")], "ISO 3166-1"),
    ("nationality=XX", [("nationality", "unknown_value")], "ISO 3166-1"),
    ("residence_before=DEU", [("residence_before", "unknown_value")], "ISO 3166-1"),
    ("given_country=", [("given_country", "unknown_value")], "ISO 3166-1"),
    ("nationality_region=europ", [("nationality_region", "unknown_value")], "no such region"),
    ("residence_region=", [("residence_region", "unknown_value")], "no such region"),
    ("group=nowhere", [("group", "unknown_value")], "no such group"),
    ("collection=press&collection=nowhere", [("collection", "unknown_value")], "no such collection"),
    ("codebook=alpha%409", [("codebook", "unknown_value")], "no such codebook"),
    ("code=nowhere", [("code", "unknown_value")], "no such code"),
    ("code=alpha/leave-debt", [("code", "unknown_value")], "no such code"),
    ("code=beta%402/leave-fatigue", [("code", "unknown_value")], "no such code"),
    ("code=leave-fatigue", [("code", "ambiguous")], "codebook/slug"),
    ("code_all=leave-fatigue", [("code_all", "ambiguous")], "codebook/slug"),
    ("code_none=leaving", [("code_none", "ambiguous")], "codebook/slug"),
    ("person=ann", [("person", "invalid")], "P-"),
    ("person=P-0000000F", [("person", "invalid")], "typing error"),
    (f"person={DAILY}", [("person", "invalid")], "P-"),
    (f"source={ONE}", [("source", "invalid")], "S-"),
    ("source=123", [("source", "invalid")], "UUID"),
    ("account_language=klingonish", [("account_language", "unknown_value")], "BCP 47"),
    ("account_language=en--x", [("account_language", "unknown_value")], "BCP 47"),
    ("given_after=yesterday", [("given_after", "invalid")], "EDTF"),
    ("given_after=2015-02-30", [("given_after", "invalid")], "no such day"),
    ("given_before=25.09.2014", [("given_before", "invalid")], "EDTF"),
    ("given_after=../2015", [("given_after", "invalid")], "closed on this side"),
    ("given_before=2015/..", [("given_before", "invalid")], "closed on this side"),
    ("joined_after=XXXX", [("joined_after", "invalid")], "closed on this side"),
    ("joined_before=20155", [("joined_before", "invalid")], "EDTF"),
    ("left_after=", [("left_after", "invalid")], "EDTF"),
    ("left_before=2015-13", [("left_before", "invalid")], "no such month"),
    ("updated_since=2026-01-05", [("updated_since", "invalid")], "time zone"),
    ("updated_since=2026-01-05T10:00:00", [("updated_since", "invalid")], "time zone"),
    ("updated_since=now", [("updated_since", "invalid")], "time zone"),
    ("match=perhaps", [("match", "unknown_value")], "possible, certain"),
    ("match=", [("match", "unknown_value")], "possible, certain"),
    ("match=certain&match=certain", [("match", "repeated")], "once"),
    ("ordering=height", [("ordering", "unknown_value")], "Order by updated_at, given"),
    ("ordering=", [("ordering", "unknown_value")], "Order by"),
    ("ordering=given,", [("ordering", "unknown_value")], "Order by"),
    ("ordering=--given", [("ordering", "unknown_value")], "Order by"),
    ("ordering=given,-given", [("ordering", "unknown_value")], "each once"),
    ("ordering=givn", [("ordering", "unknown_value")], "Did you mean given?"),
    ("ordering=relevance", [("ordering", "unknown_value")], "Relevance needs q"),
    ("ordering=given&ordering=title", [("ordering", "repeated")], "once"),
    ("q=a&q=b", [("q", "repeated")], "once"),
    ("q=" + "a" * 1001, [("q", "invalid")], "1,000"),
    ("q=" + "+".join(["word"] * 33), [("q", "too_long")], "32 words"),
    ("q=%00", [("q", "invalid")], "NUL"),
    ("outlet=a%00b", [("outlet", "invalid")], "NUL"),
    ("count=all", [("count", "unknown_value")], "none, exact, capped"),
    ("count=", [("count", "unknown_value")], "none, exact, capped"),
    ("count=exact&count=exact", [("count", "repeated")], "once"),
    ("page_size=2&page_size=2", [("page_size", "repeated")], "once"),
    ("&".join(["nationality=SY"] * 51), [("nationality", "too_many_values")], "50 times"),
    ("&".join(["gendr=x"] * 100), [("gendr", "unknown_parameter")], "gender"),
    ("x" * 200 + "=1", [("x" * 80, "unknown_parameter")], "no such parameter"),
    ("=1", [("", "unknown_parameter")], "no such parameter"),
    (
        "gendr=female&nationality=XX&given_after=soon&match=no&ordering=height&page_size=0&count=all&q=a&q=b",
        [
            ("gendr", "unknown_parameter"), ("match", "unknown_value"), ("nationality", "unknown_value"), ("given_after", "invalid"),
            ("q", "repeated"), ("ordering", "unknown_value"), ("page_size", "invalid"), ("count", "unknown_value"),
        ],
        "Did you mean gender?",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "wrong", "said"), REFUSED, ids=[row[0][:60] for row in REFUSED])
def test_what_does_not_fit_is_refused_and_told_all_at_once(api, made, query, wrong, said):
    response = api.as_("public").get(f"{URL}?{query}")
    assert sorted(errors(response)) == sorted(wrong)
    assert response.headers["Content-Type"] == "application/problem+json"
    details = " ".join(error["detail"] for error in response.json()["errors"])
    assert said in details
    assert {error["in"] for error in response.json()["errors"]} == {"query"}


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        # hidden, never there, known to everybody
        ("group", "hidden-cell hidden-bell north"),
        ("collection", "secret-shelf secret-shell press"),
        ("codebook", "inner outer alpha"),
        ("codebook", "inner%401 outer%401 alpha%401"),
        ("code", "leave-secret leave-secrets joining"),
        ("code", "inner/leave-secret inner/leave-secrets alpha/joining"),
        ("code_all", "exit-smuggler exit-smugglers joining"),
        ("code_none", "alpha/exit-smuggler alpha/exit-smugglers joining"),
    ],
)
def test_a_hidden_slug_is_answered_like_one_that_never_was(api, made, name, slugs):
    hidden, never, known = slugs.split()
    answers = [api.as_("public").get(f"{URL}?{name}={slug}") for slug in (hidden, never)]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1]
    assert errors(answers[0]) == [(name, "unknown_value")]
    assert api.as_("public").get(f"{URL}?{name}={known}").status_code == 200
    assert api.as_("editor").get(f"{URL}?{name}={hidden}").status_code == 200


def test_a_hidden_codebook_makes_no_slug_ambiguous(api, made):
    assert titles(api.as_("public").get(f"{URL}?code=join-faith")) == ["bob"]
    assert errors(api.as_("reader").get(f"{URL}?code=join-faith")) == [("code", "ambiguous")]


@pytest.mark.parametrize(
    ("name", "near", "far"),
    [
        ("group", "nort", "zzz"),
        ("collection", "pres", "zzz"),
        ("codebook", "alph", "zzz"),
        ("code", "leave-brutalit", "zzz"),
        ("nationality_region", "western-asi", "zzz"),
    ],
)
def test_hints_come_from_the_schema_never_from_rows(api, made, name, near, far):
    bodies = [{**api.get(f"{URL}?{name}={slug}").json(), "request_id": ""} for slug in (near, far)]
    assert bodies[0] == bodies[1]
