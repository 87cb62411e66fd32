"""/api/v1/me/: the caller, and what is withheld from callers like them."""

import pytest

from testimonies.access import Tier
from testimonies.models import PersonExternalId, SourceExternalId, TestimonyExternalId
from tests import factories as make
from tests.api.answers import errors

pytestmark = pytest.mark.django_db
URL = "/api/v1/me/"
BELOW_RESTRICTED = [
    "Testimony.citations.supports", "Testimony.claims.note", "Testimony.notes_internal", "Testimony.embargo_until",
    "Testimony.external_ids", "Testimony.raised", "Testimony.version", "Person.disclosure", "Person.memberships", "Person.external_ids",
    "Person.raised", "Source.external_ids", "Figure.position", "Quote.citations.supports", "Quote.note", "Quote.version", "Code.position",
]  # fmt: skip
CALLERS = [
    # caller, role, tier, what is withheld
    ("anonymous", "anonymous", "public", BELOW_RESTRICTED),
    ("public", "reader", "public", BELOW_RESTRICTED),
    ("reader", "reader", "partner", BELOW_RESTRICTED),
    ("coder", "coder", "restricted", []),
    ("editor", "editor", "restricted", []),
    ("custodian", "custodian", "restricted", []),
]


@pytest.mark.parametrize(("caller", "role", "tier", "withheld"), CALLERS)
def test_the_caller_learns_who_they_are(api, caller, role, tier, withheld):
    me = api.as_(caller).get(URL).json()
    assert list(me) == ["role", "tier", "uses", "key", "expires_at", "withheld"]
    name = me.pop("key")
    assert name.startswith(f"invented {role} ") or (caller, name) == ("anonymous", "")
    assert me == {"role": role, "tier": tier, "uses": [], "expires_at": None, "withheld": withheld}


@pytest.mark.parametrize(("caller", "role", "tier", "withheld"), CALLERS)
def test_what_is_withheld_is_empty_and_the_rest_is_filled(api, caller, role, tier, withheld):
    """A record with every field: just those of the list hold nothing for the caller."""
    with make.batch():
        person, source = make.make_person(raised={"nationality": 1}), make.make_source()
        figure, code = make.make_figure(position=3), make.make_code(position=3)
        PersonExternalId.objects.create(person=person, system="invented", value="p")
        SourceExternalId.objects.create(source=source, system="invented", value="s")
        testimony = make.make_testimony(
            person=person, sources=[source], notes_internal="Invented.", embargo_until="2001-01-01T00:00:00Z",
            raised={"given_country": 1}, uses=["quote"],
        )  # fmt: skip
        TestimonyExternalId.objects.create(testimony=testimony, system="invented", value="t")
        make.make_claim(testimony=testimony, note="Invented.")
        testimony.citations.get().evidence.create(field="given", basis="stated")
        make.make_text(testimony=testimony, tier=Tier.PUBLIC)
        quote = make.make_quote(testimony=testimony, note="Invented.")
    client, empty = api.as_(caller), set()
    for row in (testimony, person, source, figure, quote, code):
        name, path = type(row).__name__, row.pk
        document = client.get(f"/api/v1/{name.lower().replace('testimony', 'testimonie')}s/{path}/").json()
        nested = {f"{key}.{inner}": value[0][inner] for key, value in document.items()
                  if isinstance(value, list) and value and isinstance(value[0], dict) for inner in value[0]}  # fmt: skip
        empty |= {f"{name}.{key}" for key, value in (document | nested).items() if value in (None, "", [])}
    of_these = {*BELOW_RESTRICTED}
    assert empty & of_these == set(withheld)


def test_it_takes_no_parameters(api):
    assert errors(api.get(f"{URL}?role=editor&tier=restricted")) == [
        ("role", "unknown_parameter"),
        ("tier", "unknown_parameter"),
    ]
