"""One record of every kind that is written, of which every field says something; and its document as a body of PUT."""

import datetime as dt

from testimonies import models
from testimonies.access import Tier
from tests import factories as make

LATER = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)


def _person():
    row = make.make_person(
        origin_stated="Invented.", disclosure="banded", tier=Tier.PARTNER, raised={"gender": 2}, missing={"nationality": "refused"}, nationality=None
    )  # fmt: skip
    other = {"kind": "outlet_pseudonym", "tier": Tier.PARTNER}
    models.PersonName.objects.create(person=row, value="Invented Otherwise", **other)
    models.PersonExternalId.objects.create(person=row, system="invented", value="1")
    return f"persons/{row.pk}/", row


def _testimony():
    membership = make.make_membership(role_in_group="Invented.", joined="2013", left="2015", belonging="says_forced")
    collections = [make.make_collection(), make.make_collection()]
    row = make.make_testimony(
        membership=membership, collections=collections[:1], summary_language="fr", notes_internal="Invented.", speaking_conditions="free",
        credibility="2", content_warnings=["torture"], coding_status="single_reader", embargo_until=LATER, tier=Tier.PARTNER,
        raised={"title": 2, "joined": 1}, missing={"given_country": "refused"}, given_country=None, age_to=31,
    )  # fmt: skip
    models.CaseLink.objects.create(testimony=row, collection=collections[1], is_case=True)
    models.TestimonyExternalId.objects.create(testimony=row, system="invented", value="1")
    return f"testimonies/{row.pk}/", row


def _source():
    row = make.make_source(reliability="B", tier=Tier.PARTNER)
    models.SourceExternalId.objects.create(source=row, system="invented", value="1")
    return f"sources/{row.pk}/", row


def _group():
    row = make.make_group(description="Invented.", tier=Tier.PARTNER)
    return f"groups/{row.pk}/", row


def _collection():
    row = make.make_collection(
        population="Invented.", scope="Invented.", caveats=["Invented."], unavailable=["nothing"], codebook=make.make_codebook(),
        basis_of_use="informed", permitted_uses=["research"], reviewed_by=["invented"], case_status="Invented.", listing="closed",
        is_invented=True, tier=Tier.PARTNER,
    )  # fmt: skip
    return f"collections/{row.pk}/", row


def _figure():
    row = make.make_figure(
        collection=make.make_collection(tier=Tier.RESTRICTED), derivation="Invented.", operator="approx", denominator=58, filter="gender=female",
        range_low=1, range_high=9, note="Invented.", position=7, tier=Tier.PARTNER, status="derived", value=7,
        conflicts=[{"source": "A", "statement": "Invented.", "value": "9"}],
    )  # fmt: skip
    for position in range(2):
        models.FigureSource.objects.create(figure=row, source=make.make_source(), locator="p. 7", position=position)
    return f"figures/{row.pk}/", row


def _campaign():
    source = make.make_source()
    row = make.make_campaign(
        description="Invented.", starts="2013-12", ends="2016~", languages=["en", "ar"], actor_kind="ngo", sources=(source,), tier=Tier.PARTNER
    )  # fmt: skip
    row.channels.update(url="https://example.org/tube")
    models.Channel.objects.create(
        campaign=row, platform="Invented Radio", handle="invented", url="https://example.org/radio", position=1
    )
    row.campaign_sources.update(locator="p. 7")
    return f"campaigns/{row.pk}/", row


def _use():
    testimony = make.make_testimony(uses=["training", "quote", "campaign"], texts=["Invented words."])
    row = make.make_use(
        kind="training", url="https://example.org/use", description="Invented.", audience="Invented.", language="fr", published="2021-05",
        purpose="training", sources=(make.make_source(),), tier=Tier.PARTNER,
    )  # fmt: skip
    quote = make.make_quote(testimony=testimony)
    models.UsedTestimony.objects.create(use=row, testimony=testimony, quote=quote)
    row.use_sources.update(locator="p. 7")
    return f"uses/{row.pk}/", row


def _quote():
    testimony = make.make_testimony(uses=["quote"], texts=["Invented words."])
    more = {"translation_of": make.make_quote(testimony=testimony), "note": "Invented.", "tier": Tier.PARTNER}
    row = make.make_quote(testimony=testimony, words="words", **more)
    return f"quotes/{row.pk}/", row


def _codebook():
    row = make.make_codebook(
        status="draft", language="fr", method="Invented.", unit_of_coding="Invented.", hierarchy_rule="Invented.",
        reliability_rule="Invented.", absence_rule="Invented.", tier=Tier.PARTNER,
    )  # fmt: skip
    return f"codebooks/{row.pk}/", row


def _code():
    book = make.make_codebook(status="draft", tier=Tier.RESTRICTED)
    row = make.make_code(
        codebook=book, parent=make.make_code(codebook=book), position=7, is_assignable=False, brief_definition="Invented.", definition="Invented.",
        inclusion=["Invented."], exclusion=["Invented."], example="Invented.", near_miss="Invented.", source_section="1.1", basis=["Invented."],
        color="#1f77b4", tier=Tier.PARTNER,
    )  # fmt: skip
    return f"codes/{row.pk}/", row


def _text():
    testimony = make.make_testimony(texts=["Invented."], status="draft")
    more = {"kind": "translation", "translation_of": testimony.texts.get(), "position": 7, "tier": Tier.PARTNER}
    row = make.make_text(testimony=testimony, language="fr", **more)
    return f"testimonies/{testimony.pk}/texts/{row.pk}/", row


def _citation():
    row = make.make_citation(
        testimony=make.make_testimony(status="draft"),
        locator="p. 7",
        position=7,
        relation="report_about",
        tier=Tier.PARTNER,
    )
    models.Evidence.objects.create(citation=row, field="given", basis="derived", note="Invented.")
    return f"testimonies/{row.testimony_id}/citations/{row.pk}/", row


def _claim():
    row = make.make_claim(
        testimony=make.make_testimony(status="draft"), source=make.make_source(), note="Invented.", is_preferred=True, position=7, tier=Tier.PARTNER
    )  # fmt: skip
    return f"testimonies/{row.testimony_id}/claims/{row.pk}/", row


def _clearance():
    more = {"ends_at": LATER, "withdrawn_at": LATER, "evidence": "Invented.", "reviewed_by": "Invented."}
    row = make.make_clearance(testimony=make.make_testimony(uses=[], status="draft"), **more)
    return f"testimonies/{row.testimony_id}/clearances/{row.pk}/", row


def _consensus_codes():
    row = make.make_testimony(codes=[make.make_code(is_assignable=True) for _ in range(2)])
    return f"testimonies/{row.pk}/codes/", row


def _coding():
    """Of the editor who asks: whoever codes writes their own alone."""
    code = make.make_code(parent=make.make_code())
    testimony = make.make_testimony(texts=["Invented words."])
    editor = models.ApiKey.objects.get(role="editor").user
    assignment = make.make_assignment(testimony=testimony, codebook=code.codebook, coder=editor)
    more = {"presence": "uncertain", "salience": 2, "grade": 1.5, "memo": "Invented."}
    row = make.make_coding(assignment=assignment, code=code, text=testimony.texts.get(), quote="words", **more)
    return f"codings/{row.pk}/", row


def _codebook_map():
    before = make.make_codebook()
    row = make.make_codebook(status="draft", follows=before)
    origin = make.make_code(codebook=before)
    for _ in range(2):
        models.CodeOrigin.objects.create(code=make.make_code(codebook=row), origin=origin)
    return f"codebooks/{row.pk}/map/", row


def _import_mapping():
    columns, fixed = [{"header": "Titel", "column": "title"}], [{"column": "kind", "value": "interview"}]
    more = {"columns": columns, "fixed": fixed, "date_format": "day_first"}
    row = models.ImportMapping.objects.create(name="Invented", **more)
    return f"import-mappings/{row.pk}/", row


FILLED = {
    "persons/{id}/": _person, "testimonies/{id}/": _testimony, "sources/{id}/": _source, "groups/{id}/": _group,
    "collections/{id}/": _collection, "figures/{id}/": _figure, "campaigns/{id}/": _campaign, "uses/{id}/": _use, "quotes/{id}/": _quote, "codebooks/{id}/": _codebook, "codes/{id}/": _code,
    "testimonies/{testimony_id}/texts/{id}/": _text, "testimonies/{testimony_id}/citations/{id}/": _citation,
    "testimonies/{testimony_id}/claims/{id}/": _claim, "testimonies/{testimony_id}/clearances/{id}/": _clearance,
    "testimonies/{testimony_id}/codes/": _consensus_codes, "codings/{id}/": _coding, "codebooks/{id}/map/": _codebook_map,
    "import-mappings/{id}/": _import_mapping,
}  # fmt: skip
"""By what can be PUT: a record of which every field says something else than a body that leaves it out."""
ELSEWHERE = {
    # where a document says it in another way than the body
    ("Testimony", "person_id"): lambda shown, row: shown["person"]["id"],
    ("Testimony", "missing"): lambda shown, row: [one for one in shown["missing"] if one["field"] in row.missing],
    ("Figure", "sources"): lambda shown, row: [
        {"source_id": one["source"]["id"], "locator": one["locator"]} for one in shown["sources"]
    ],
    **{
        (kind, "sources"): lambda shown, row: [
            {"source_id": one["source"]["id"], "locator": one["locator"]} for one in shown["sources"]
        ]
        for kind in ("Campaign", "CampaignUse")
    },
    ("CampaignUse", "testimonies"): lambda shown, row: [
        {"testimony_id": one["testimony_id"], "quote_id": one["quote_id"]} for one in shown["testimonies"]
    ],
    ("Quote", "translation_of_id"): lambda shown, row: shown["translation_of"],
    ("Code", "codebook_id"): lambda shown, row: str(row.codebook_id),
    ("Text", "translation_of_id"): lambda shown, row: shown["translation_of"],
    ("CodebookMap", "codes"): lambda shown, row: [{"code": one["code"], "into": one["into"]} for one in shown["codes"]],
    ("ConsensusCodes", "codes"): lambda shown, row: [one["code_id"] for one in shown["codes"]],
}
STAYS = {("Text", "position")}
"""Not shown, and left as it is by a PUT without it."""


def as_sent(kind, shown, row, name):
    """What PUT takes for the field `name` of a record, from the document that was read."""
    return ELSEWHERE[kind, name](shown, row) if (kind, name) in ELSEWHERE else shown[name]
