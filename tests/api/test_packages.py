"""The data package: what it holds is what the lists hold, every file is as it is described, and other software takes it."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import frictionless
import pytest

import testimonies
from testimonies.access import Tier
from testimonies.services import collections
from tests import factories as make
from tests.api.test_prepared_exports import link, prepare

pytestmark = pytest.mark.django_db
PACKAGED = Path(testimonies.__file__).parent / "collections"
TABLES = {
    "testimonies": "testimonies",
    "persons": "persons",
    "sources": "sources",
    "groups": "groups",
    "collections": "collections",
    "figures": "figures",
    "codebooks": "codebooks",
    "codes": "codes",
}
"""By the list that has the same records."""


def make_records():
    collections.load(path=PACKAGED)
    with make.batch():
        make.make_testimony(title="=1+1", tier=Tier.PARTNER, texts=["Invented."])
        make.make_testimony(title="Invented: for staff", tier=Tier.RESTRICTED)
        for tier in (Tier.PARTNER, Tier.RESTRICTED):
            make.make_group(tier=tier)
            make.make_codebook(tier=tier)
            make.make_figure(collection=make.make_collection(tier=tier))


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


def package(client):
    response = client.get(link(prepare(client, resource="package", format="zip")))
    assert response.status_code == 200, response.content
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert archive.testzip() is None
    return archive, json.loads(archive.read("datapackage.json"))


def table(archive, name):
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))


@pytest.mark.parametrize("role", ["public", "reader", "editor"])
def test_its_tables_have_what_the_lists_have(api, role):
    client = api.as_(role)
    archive, _ = package(client)
    for name, segment in TABLES.items():
        pages = client.pages(f"/api/v1/{segment}/", page_size=500)
        assert [row["id"] for row in table(archive, name)] == [item["id"] for page in pages for item in page["results"]]


@pytest.mark.parametrize("role", ["public", "editor"])
def test_what_lies_within_testimonies_has_tables_of_its_own(api, role):
    client = api.as_(role)
    archive, _ = package(client)
    cited, coded = table(archive, "citations"), table(archive, "testimony_codes")
    (page,) = client.pages("/api/v1/testimonies/", page_size=500)
    for item in page["results"][:5]:
        detail = client.get(f"/api/v1/testimonies/{item['id']}/").json()
        rows = [row for row in cited if row["testimony_id"] == item["id"]]
        assert [(row["id"], row["source.id"], row["relation"]) for row in rows] == [
            (one["id"], one["source"]["id"], one["relation"]) for one in detail["citations"]
        ]
        slugs = [(row["codebook"], row["slug"]) for row in coded if row["testimony_id"] == item["id"]]
        assert slugs == [(code["codebook"], code["slug"]) for code in item["codes"]]


@pytest.mark.parametrize("role", ["public", "reader", "editor"])
def test_other_software_takes_it(api, role, tmp_path):
    """Types, constraints, keys, foreign keys, bytes and checksums, as frictionless checks them."""
    archive, _ = package(api.as_(role))
    archive.extractall(tmp_path)
    report = frictionless.Package(tmp_path / "datapackage.json").validate()
    assert report.flatten(["type", "place", "note"]) == []
    assert report.valid


def test_every_file_is_as_it_is_described(api):
    archive, described = package(api.as_("reader"))
    for resource in described["resources"]:
        body = archive.read(resource["path"])
        assert (len(body), f"sha256:{hashlib.sha256(body).hexdigest()}") == (resource["bytes"], resource["hash"])
        if "rows" in resource:
            assert len(table(archive, resource["name"])) == resource["rows"]
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert sums == {
        name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != "SHA256SUMS"
    }


def test_it_says_what_it_is_and_what_it_is_not(api):
    archive, described = package(api.as_("public"))
    assert described["licenses"]
    assert {one["slug"] for one in described["caveats"]} == {row["slug"] for row in table(archive, "collections")}
    readme = archive.read("README.md").decode()
    for one in described["caveats"]:
        assert all(caveat in readme for caveat in one["caveats"])
        assert one["title"] in readme
    assert {name for name in archive.namelist() if name.endswith(".qdc")} == {
        f"codebooks/{row['slug']}-{row['version']}.qdc" for row in table(archive, "codebooks")
    }


def test_nothing_in_it_is_from_above(api):
    public, partner = (
        b"".join(map((a := package(api.as_(role))[0]).read, a.namelist())) for role in ("public", "reader")
    )
    assert b"'=1+1" in partner
    assert b"=1+1" not in public
    assert b"Invented: for staff" not in public + partner


def test_a_key_for_some_uses_gets_what_is_cleared_for_them(api):
    _, secret = make.make_key(tier=Tier.PUBLIC, uses=["campaign"])
    client = api.as_("public")
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    archive, _ = package(client)
    page = client.get("/api/v1/testimonies/", {"page_size": 500}).json()
    assert [row["id"] for row in table(archive, "testimonies")] == [item["id"] for item in page["results"]]
    assert len(table(archive, "persons")) == len(page["results"]) < 29
