"""The examples in the OpenAPI document are answers of the service about the real collection.

UPDATE_EXAMPLES=1 make test ARGS=tests/contract/test_examples.py takes them anew; then `make schema`.
"""

import json
import os
import re
from pathlib import Path

import pytest

from testimonies.api.components import EXAMPLES
from tests.client import document, validator

FILE = Path(__file__).parents[2] / "testimonies" / "api" / "examples.json"
TITLE = "A Syrian former fighter speaks to NPR"
RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|\b[TPS]-[0-9A-Z]{8}\b|20[0-9-]{8}T[0-9:.]+(Z|\+00:00)"
)
"""What two loads of the same files give differently: ids, request ids, references, moments."""


def taken(api) -> dict:
    """One record of each kind, as nobody in particular gets it."""

    def get(path, **parameters):
        return api.get(f"/api/v1/{path}", parameters).json()

    (summary,) = [
        item
        for item in get("testimonies/", collection="press-testimonies", q="NPR")["results"]
        if item["title"] == TITLE
    ]
    testimony = get(f"testimonies/{summary['id']}/")
    code = get("codes/", slug=testimony["codes"][0]["slug"])["results"][0]
    beside = get("collections/press-testimonies/beside/", figures="icsr2015")
    codebook = get("codebooks/", slug=code["codebook"])["results"][0]
    tree = get(f"codebooks/{codebook['id']}/tree/")
    smallest = min(tree["codes"], key=lambda node: len(json.dumps(node)))
    statistics = get("statistics/", by="gender", collection="press-testimonies")
    return {
        "TestimonySummary": summary,
        "Testimony": testimony,
        "Person": get(f"persons/{testimony['person']['id']}/"),
        "Source": get(f"sources/{testimony['citations'][0]['source']['id']}/"),
        "Group": get(f"groups/{testimony['group']}/"),
        "Collection": get(f"collections/{testimony['collections'][0]}/"),
        "Figure": next(f for f in get("figures/", collection="icsr2015")["results"] if f["slug"] == "women"),
        "Campaign": get("campaigns/think-again-turn-away/"),
        "CampaignUse": get("uses/", campaign="think-again-turn-away")["results"][0],
        "Measurement": get("measurements/", campaign="think-again-turn-away")["results"][0],
        "Reach": get("reach/", by="campaign"),
        "FiguresBeside": beside | {"figures": beside["figures"][:2]},
        # in the order of the testimonies' ids, which each load draws anew
        "Quote": min(get("quotes/", cleared_for="campaign")["results"], key=lambda one: one["quote"]),
        "Codebook": codebook,
        "Code": code,
        "CodebookTree": tree | {"codes": [smallest]},
        "CodebookMap": get(f"codebooks/{codebook['id']}/map/"),
        "CodebookComparison": get(f"codebooks/{codebook['id']}/compare/", **{"with": codebook["id"]}),
        "CslItem": get(f"testimonies/{testimony['ref']}/citation/")[0],
        "Me": get("me/"),
        "StatisticTable": statistics | {key: statistics[key][:2] for key in ("cells", "figures")},
        "Problem": get("testimonies/", natoinality="SY"),
    }


def stable(value):
    return RANDOM.sub("random", json.dumps(value, ensure_ascii=False, indent=1)).splitlines()


def test_they_are_what_the_service_answers(api, collections):
    fresh = taken(api)
    if os.environ.get("UPDATE_EXAMPLES"):
        FILE.write_text(json.dumps(fresh, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    assert stable(kept) == stable(fresh)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_fits_its_component(name):
    assert [error.message for error in validator(("components", "schemas", name)).iter_errors(EXAMPLES[name])] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_is_shown(name):
    assert document()["components"]["schemas"][name]["examples"] == [EXAMPLES[name]]


def test_every_answer_but_texts_and_pages_has_one():
    """The press collection quotes nobody at length: it has no texts. What staff alone read has no public example."""
    shown = {
        content["schema"].get("$ref", content["schema"].get("items", {}).get("$ref", "")).rpartition("/")[2]
        for operations in document()["paths"].values()
        if "get" in operations and "403" not in operations["get"]["responses"]
        for operation in operations.values()
        for status in {"200", "201"} & operation["responses"].keys()
        for content in operation["responses"][status]["content"].values()
    }
    assert {name for name in shown if name and not name.endswith("Page")} - {"TextEntry"} <= set(EXAMPLES)


def test_no_example_is_from_above_the_public_tier():
    found = json.dumps(EXAMPLES)
    assert '"tier": "partner"' not in found
    assert '"tier": "restricted"' not in found
    assert "invented" not in EXAMPLES["Testimony"]["collections"]
