"""Clients that generators make of docs/openapi.yaml work against the running service, as an integrator would use them."""

import fcntl
import hashlib
import importlib
import json
import pkgutil
import re
import shutil
import socket
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from testimonies.access import Role
from tests.client import DOCUMENT
from tests.factories import make_key

TYPESCRIPT = Path(__file__).parent / "typescript"
OPTIONAL = ("--default-non-nullable", "false")
"""A field of a body that has a default may be left out."""
PRESS = "press-testimonies"


def run(*words, cwd, timeout=240) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, f"{words[0]} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


# --- Python ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def python_client(tmp_path, monkeypatch):
    """The package `made_client`, importable."""
    config = tmp_path / "config.yml"
    config.write_text("post_hooks: []\n", encoding="utf-8")  # what it would lay out with ruff, nobody reads
    words = ["--path", DOCUMENT, "--output-path", tmp_path / "made_client", "--meta", "none", "--config", config]
    generator = Path(sys.executable).with_name("openapi-python-client")
    said = run(generator, "generate", "--fail-on-warning", *words, cwd=tmp_path)
    assert "arning" not in said
    monkeypatch.syspath_prepend(tmp_path)
    package = importlib.import_module("made_client")
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_client"]:
        del sys.modules[name]


def test_the_python_client_reads_the_running_service(python_client, service):
    modules = [found.name for found in pkgutil.walk_packages(python_client.__path__, "made_client.")]
    made = {name.removeprefix("made_client."): importlib.import_module(name) for name in modules}
    assert len(made) > 60
    with python_client.Client(base_url=service) as client:
        page = lists(made, client)
        filters(made, client, page)
        pages_to_the_end(made, client, page)
        reads_one_record(made, client, page.results[0])
        reads_problems(made, client)
    is_known_by_its_key(made, python_client.AuthenticatedClient, service)


def lists(made, client):
    answer = made["api.testimonies.list_testimonies"].sync_detailed(
        client=client, collection=[PRESS], count=made["models"].CountMode.EXACT
    )
    page = answer.parsed
    assert answer.status_code == HTTPStatus.OK
    assert isinstance(page, made["models"].TestimonyPage)
    assert page.count == len(page.results) == 21
    assert same(page.to_dict(), json.loads(answer.content))
    assert isinstance(page.results[0].kind, made["models"].AccountKind)
    reasons = {value.reason for item in page.results for value in item.missing}
    assert reasons == {made["models"].MissingReason.NOT_AVAILABLE}
    return page


def same(parsed, sent) -> bool:
    """Nothing is lost in parsing; Python writes Z as an offset."""
    return parsed == json.loads(re.sub(r'(T[0-9:.]+)Z"', r'\1+00:00"', json.dumps(sent)))


def filters(made, client, page):
    models, list_testimonies = made["models"], made["api.testimonies.list_testimonies"].sync
    women = list_testimonies(client=client, collection=[PRESS], gender=[models.Gender.FEMALE])
    expected = {item.ref for item in page.results if item.person.gender is models.Gender.FEMALE}
    assert {item.ref for item in women.results} == expected
    assert 0 < len(expected) < 21
    some = list_testimonies(
        client=client,
        collection=[PRESS],
        nationality=["SY", "IQ"],
        given_after=["2014"],
        given_before=["2016"],
        match=models.DateMatch.CERTAIN,
        ordering="-given,updated_at",
    )
    assert {item.person.nationality for item in some.results} == {"SY", "IQ"}
    assert [item.given_earliest for item in some.results] == sorted(
        (item.given_earliest for item in some.results), reverse=True
    )


def pages_to_the_end(made, client, page):
    """By cursor and by nothing else."""
    met, cursor = [], made["types"].UNSET
    while cursor is not None:
        part = made["api.testimonies.list_testimonies"].sync(
            client=client, collection=[PRESS], page_size=4, ordering="given", cursor=cursor
        )
        met += [item.ref for item in part.results]
        cursor = part.next_cursor
    assert len(met) == 21
    assert set(met) == {item.ref for item in page.results}


def reads_one_record(made, client, item):
    """Whole, by reference and by id, and not again when nothing changed."""
    get = made["api.testimonies.get_testimony"]
    whole = get.sync_detailed(item.ref, client=client)
    assert isinstance(whole.parsed, made["models"].Testimony)
    assert same(whole.parsed.to_dict(), json.loads(whole.content))
    assert whole.parsed.citations[0].source.outlet in item.outlets
    again = get.sync_detailed(item.ref, client=client, if_none_match=whole.headers["ETag"])
    assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")
    citation, *_ = made["api.testimonies.get_testimony_citation"].sync(str(item.id), client=client)
    assert isinstance(citation, made["models"].CslItem)
    assert citation.id.startswith(item.ref)


def reads_problems(made, client):
    absent = made["api.testimonies.get_testimony"].sync_detailed("T-00000000", client=client)
    assert absent.status_code == HTTPStatus.NOT_FOUND
    assert isinstance(absent.parsed, made["models"].Problem)
    assert (absent.parsed.code, absent.parsed.status, absent.parsed.errors) == ("not_found", 404, [])
    unfit = made["api.testimonies.list_testimonies"].sync_detailed(
        client=client, given_after=["soon"], nationality=["XX"]
    )
    assert unfit.status_code == HTTPStatus.BAD_REQUEST
    assert unfit.parsed.code == "invalid_parameters"
    assert {(error.in_, error.parameter, error.code) for error in unfit.parsed.errors} == {
        ("query", "given_after", "invalid"),
        ("query", "nationality", "unknown_value"),
    }


def is_known_by_its_key(made, client_class, service):
    get_me = made["api.me.get_me"].sync
    with client_class(base_url=service, token=make_key(role=Role.EDITOR)[1]) as editor:
        assert get_me(client=editor).role is made["models"].Role.EDITOR
    with client_class(base_url=service, token="unknown") as stranger:
        assert get_me(client=stranger).code == "invalid_key"


def test_the_python_client_writes_to_the_running_service(python_client, service):
    modules = [found.name for found in pkgutil.walk_packages(python_client.__path__, "made_client.")]
    made = {name.removeprefix("made_client."): importlib.import_module(name) for name in modules}
    editor, reader = (
        python_client.AuthenticatedClient(base_url=service, token=make_key(role=role)[1])
        for role in (Role.EDITOR, Role.READER)
    )
    with editor, reader:
        writes(made, editor, reader)


def writes(made, editor, reader):
    models = made["models"]
    person = models.PersonWrite(name="Invented", name_kind=models.NameKind.OUTLET_PSEUDONYM, tier=models.Tier.PUBLIC)
    create, refused = made["api.persons.create_person"].sync_detailed, made["api.persons.create_person"].sync
    first = create(client=editor, body=person, idempotency_key="once")
    again = create(client=editor, body=person, idempotency_key="once")
    assert (first.status_code, again.parsed.id) == (HTTPStatus.CREATED, first.parsed.id)
    other = models.PersonWrite(name="Other", name_kind=models.NameKind.OUTLET_PSEUDONYM)
    assert refused(client=editor, body=other, idempotency_key="once").code == "idempotency_mismatch"
    assert refused(client=reader, body=person).code == "forbidden"

    testimony = made["api.testimonies.create_testimony"].sync_detailed(
        client=editor,
        body=models.TestimonyWrite(
            person_id=first.parsed.id,
            title="Invented",
            kind=models.AccountKind.INTERVIEW,
            account_language="en",
            summary="Invented.",
            tier=models.Tier.PUBLIC,
            group="islamic-state",
            membership=models.Belonging.SAYS_MEMBER,
        ),
    )
    update = made["api.testimonies.update_testimony"].sync_detailed
    key, etag = str(testimony.parsed.id), testimony.headers["ETag"]
    change = models.PatchedTestimonyWrite(title="Invented anew")
    changed = update(key, client=editor, body=change, if_match=etag)
    expected = testimony.parsed.to_dict() | {"title": "Invented anew"}
    differing = {name for name, value in changed.parsed.to_dict().items() if expected.get(name) != value}
    assert (changed.status_code, differing) == (HTTPStatus.OK, {"updated_at", "version"})  # what was left out stays
    overtaken = update(key, client=editor, body=change, if_match=etag)
    assert (overtaken.status_code, overtaken.parsed.code) == (HTTPStatus.PRECONDITION_FAILED, "overtaken")
    careless = editor.get_httpx_client().patch(f"/api/v1/testimonies/{key}/", json=change.to_dict())
    assert (careless.status_code, careless.json()["code"]) == (HTTPStatus.PRECONDITION_REQUIRED, "version_needed")
    assert update(key, client=reader, body=change, if_match="*").parsed.code == "forbidden"

    remove = made["api.persons.delete_person"].sync_detailed
    assert remove(str(first.parsed.id), client=editor, if_match="*").parsed.code == "in_use"
    gone = made["api.testimonies.delete_testimony"].sync_detailed(key, client=editor, if_match=changed.headers["ETag"])
    assert gone.status_code == HTTPStatus.NO_CONTENT
    assert (
        remove(str(first.parsed.id), client=editor, if_match=first.headers["ETag"]).status_code == HTTPStatus.NO_CONTENT
    )
    assert made["api.persons.get_person"].sync(str(first.parsed.id), client=editor).code == "not_found"


# --- TypeScript --------------------------------------------------------------------------------------------------------


@pytest.fixture
def node_modules() -> Path:
    """What package-lock.json pins, installed once; afterwards no network is needed."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.fail("npm is missing. This test makes a TypeScript client: install Node.js 20 or later with npm.")
    lock = TYPESCRIPT / "package-lock.json"
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two runs in one tree install once
        digest = hashlib.sha256(file.read() + (TYPESCRIPT / "package.json").read_bytes()).hexdigest()
        stamp = TYPESCRIPT / "node_modules" / ".installed"
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != digest:
            run(npm, "ci", "--prefix", TYPESCRIPT, cwd=TYPESCRIPT)
            stamp.write_text(digest, encoding="utf-8")
    return TYPESCRIPT / "node_modules"


def test_the_typescript_client_compiles_and_reads_the_running_service(node_modules, service, tmp_path):
    for name in ("package.json", "tsconfig.json", "usage.ts"):
        shutil.copy(TYPESCRIPT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(node_modules)
    programs = node_modules / ".bin"
    run(programs / "openapi-typescript", DOCUMENT, "--output", "schema.ts", cwd=tmp_path)
    run(programs / "tsc", "--project", ".", cwd=tmp_path)  # strict; usage.ts holds errors that it must find
    said = run("node", tmp_path / "built" / "usage.js", service, cwd=tmp_path)
    found = json.loads(said)

    expected = httpx.get(f"{service}/api/v1/testimonies/", params={"collection": PRESS}).json()["results"]
    first = httpx.get(f"{service}/api/v1/testimonies/{found['refs'][0]}/").json()
    assert len(found["refs"]) == 21
    assert set(found["refs"]) == {item["ref"] for item in expected}
    assert found["women"] == 1
    assert found["citations"] == [citation["source"]["outlet"] for citation in first["citations"]]
    assert found["unchanged"] == 304
    assert found["problems"] == [
        [404, "not_found", None],
        [400, "invalid_parameters", "invalid"],
        [400, "invalid_parameters", "unknown_parameter"],
        [400, "invalid_parameters", "unknown_value"],
    ]


def test_the_typescript_client_compiles_and_writes_to_the_running_service(node_modules, service, tmp_path):
    for name in ("package.json", "tsconfig.json", "writing.ts"):
        shutil.copy(TYPESCRIPT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(node_modules)
    programs = node_modules / ".bin"
    run(programs / "openapi-typescript", DOCUMENT, "--output", "schema.ts", *OPTIONAL, cwd=tmp_path)
    run(programs / "tsc", "--project", ".", cwd=tmp_path)
    keys = [make_key(role=role)[1] for role in (Role.EDITOR, Role.READER)]
    assert json.loads(run("node", tmp_path / "built" / "writing.js", service, *keys, cwd=tmp_path)) == {
        "isOnce": True,
        "title": "Invented anew",
        "summary": "Invented.",
        "refused": [
            [403, "forbidden"], [412, "overtaken"], [428, "version_needed"], [409, "in_use"], [422, "idempotency_mismatch"],
        ],
        "gone": [204, 204, 404],
    }  # fmt: skip


def test_the_pinned_packages_name_no_registry():
    lock = json.loads((TYPESCRIPT / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)
    wanted = json.loads((TYPESCRIPT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted


# --- The server itself ---------------------------------------------------------------------------------------------------


def test_the_running_service_bears_hostile_requests(service):
    """What never reaches the application in other tests: the server's own reading of a request."""
    host, port = service.removeprefix("http://").split(":")
    path, long = "/api/v1/me/", "x" * 1_000_000
    heads = {
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Anything: {long}": 431,
        f"GET {path}?{long} HTTP/1.1\r\nHost: localhost": 431,
        f"GET {path} HTTP/1.1\r\nHost: localhost" + "\r\nX: y" * 1_000: 431,
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Anything: \0": 400,
        f"GET {path} HTTP/1.1\r\nHost: elsewhere.example": 400,
        f"GET {path} HTTP/1.1": 400,
        f"GET {path}\r\n\tx HTTP/9": 400,
    }
    for head, status in heads.items():
        assert raw(host, int(port), f"{head}\r\n\r\n".encode()) in {status, None}, head[:80]
    assert httpx.request("TRACE", f"{service}{path}").json()["code"] == "method_not_allowed"
    assert httpx.get(f"{service}{path}").status_code == 200


def raw(host, port, request) -> int | None:
    """The status that the bytes are answered with; None where the server hangs up instead."""
    with socket.create_connection((host, port), timeout=20) as connection:
        try:
            connection.sendall(request)
            answer = connection.recv(100)
        except OSError:
            return None
    return int(answer.split()[1]) if answer else None
