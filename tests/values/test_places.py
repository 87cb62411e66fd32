import json
import re
from pathlib import Path

import pytest

from testimonies.values.places import COUNTRIES, is_country

REGIONS = {
    region["slug"]: region
    for region in json.loads(
        (Path(__file__).parents[2] / "testimonies" / "collections" / "regions.json").read_text("utf-8")
    )
}
CONTINENTS = ("africa", "americas", "antarctica", "asia", "europe", "oceania")
PARTS = {
    "africa": ("northern-africa", "sub-saharan-africa"),
    "sub-saharan-africa": ("eastern-africa", "middle-africa", "southern-africa", "western-africa"),
    "americas": ("northern-america", "latin-america-and-the-caribbean"),
    "latin-america-and-the-caribbean": ("caribbean", "central-america", "south-america"),
    "asia": ("central-asia", "eastern-asia", "south-eastern-asia", "southern-asia", "western-asia"),
    "europe": ("eastern-europe", "northern-europe", "southern-europe", "western-europe"),
    "oceania": ("australia-and-new-zealand", "melanesia", "micronesia", "polynesia"),
}


def countries(*slugs):
    return [code for slug in slugs for code in REGIONS[slug]["countries"]]


def test_countries_are_iso_3166_and_kosovo():
    assert len(COUNTRIES) == 250
    assert COUNTRIES["SY"] == "Syria"
    assert COUNTRIES["DE"] == "Germany"
    assert COUNTRIES["XK"] == "Kosovo"
    assert list(COUNTRIES) == sorted(COUNTRIES)


@pytest.mark.parametrize("code", ["sy", "SYR", "SU", "UK", "XX", "EU", "", " SY", "SY\n", "\x00"])
def test_what_is_no_country(code):
    assert is_country(code) is False


def test_regions_have_each_slug_once_a_name_and_a_source():
    path = Path(__file__).parents[2] / "testimonies" / "collections" / "regions.json"
    regions = json.loads(path.read_text("utf-8"))
    assert len(regions) == len(REGIONS) == 32
    for region in regions:
        assert set(region) == {"slug", "name", "source", "countries"}
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", region["slug"])
        assert region["name"]
        assert region["source"]


def test_regions_hold_countries_in_order_and_once():
    for slug in REGIONS:
        assert all(map(is_country, countries(slug))), slug
        assert countries(slug) == sorted(set(countries(slug))), slug
        assert countries(slug), slug


def test_continents_part_the_world():
    assert sorted(countries(*CONTINENTS)) == list(COUNTRIES)


@pytest.mark.parametrize(("whole", "parts"), PARTS.items())
def test_subregions_part_their_region(whole, parts):
    assert sorted(countries(*parts)) == countries(whole)


def test_some_places_that_are_easily_misplaced():
    for code, slug in [
        ("TR", "western-asia"), ("CY", "western-asia"), ("IR", "southern-asia"), ("SD", "northern-africa"),
        ("EG", "northern-africa"), ("GB", "northern-europe"), ("RU", "eastern-europe"), ("KZ", "central-asia"),
        ("MX", "central-america"), ("GL", "northern-america"), ("XK", "southern-europe"),
    ]:  # fmt: skip
        assert code in countries(slug), code


def test_the_group_of_the_icsr_report():
    group = set(countries("western-europe-and-australia"))
    # the 14 countries of ICSR's table "Western Europe" of January 2015
    assert group > {"AT", "BE", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "NL", "NO", "SE"}
    assert "AU" in group
    assert not group & {"AL", "BA", "XK", "RS", "EE", "NZ", "PL", "TR", "US"}


def test_the_middle_east_is_named_country_by_country():
    assert countries("middle-east") == [
        "AE",
        "BH",
        "EG",
        "IL",
        "IQ",
        "IR",
        "JO",
        "KW",
        "LB",
        "OM",
        "PS",
        "QA",
        "SA",
        "SY",
        "TR",
        "YE",
    ]
