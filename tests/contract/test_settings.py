"""What can be set is what .env.example says, no more and no less."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from tools import variables
from tools.service import SERVER

PROJECT = Path(__file__).parents[2]
READERS = [
    ("config/settings.py", r'env\.\w+\(\s*"([A-Z_]+)"'),
    ("tools/*.py", r'\btext\("([A-Z_]+)"\)'),
    ("testimonies/**/*.py", r'os\.environ(?:\.get\(|\[)\s*"([A-Z_]+)"'),
    ("docker-compose.yml", r"\$\{([A-Z_]+)"),
]


def read():
    names = set()
    for pattern, reader in READERS:
        for file in PROJECT.glob(pattern):
            names |= set(re.findall(reader, file.read_text(encoding="utf-8")))
    return {name for name in names if not name.startswith(("GRANIAN_", "DJANGO_"))}


def test_the_example_lists_every_variable_and_no_other():
    assert sorted(variables.documented()) == sorted(read())


def test_each_has_a_line_of_meaning():
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    for before, line in pairwise(lines):
        if re.match(r"#?[A-Z_]+=", line):
            assert re.match(r"# \S.*\.$", before), line


def test_the_examples_defaults_are_the_codes():
    given = re.findall(r"^#([A-Z_]+)=([01]|\d+)$", (PROJECT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    code = (PROJECT / "config" / "settings.py").read_text(encoding="utf-8")
    flags = re.findall(r'env\.flag\("([A-Z_]+)", default=(True|False)\)', code)
    numbers = re.findall(r'env\.number\("(?!GRANIAN_)([A-Z_]+)", (\d+)', code)  # the server documents its own
    defaults = dict(numbers) | {name: "1" if value == "True" else "0" for name, value in flags} | {"PORT": "8000"}
    assert dict(given) == defaults


def test_no_secret_has_a_default():
    example = (PROJECT / ".env.example").read_text(encoding="utf-8")
    compose = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in ("SECRET_KEY", "VAULT_KEYS", "POSTGRES_PASSWORD"):
        assert re.search(rf"^{name}=$", example, re.MULTILINE)
        assert re.findall(rf"\$\{{{name}(..)", compose)
        assert set(re.findall(rf"\$\{{{name}(..)", compose)) == {":?"}


def test_the_image_serves_as_make_run_does():
    image = dict(re.findall(r"((?:GRANIAN|MALLOC)_\w+)=(\S+)", (PROJECT / "Dockerfile").read_text(encoding="utf-8")))
    assert image == SERVER | {"GRANIAN_HOST": "0.0.0.0", "GRANIAN_PORT": "8000"}


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://me:a%40b@db.example.org:5433/testimonies", "db.example.org", 5433),
        ("postgresql://me@%2Fvar%2Frun%2Fa%20b/testimonies", "/var/run/a b", ""),
        ("postgresql://me@[::1]:5432/testimonies", "::1", 5432),
    ],
)
def test_database_urls(monkeypatch, url, host, port):
    monkeypatch.setenv("A_DATABASE", url)
    read = env.database("A_DATABASE")
    assert (read["HOST"], read["PORT"], read["USER"], read["NAME"]) == (host, port, "me", "testimonies")


@pytest.mark.parametrize("url", ["mysql://me@host/name", "postgresql://me@host", "postgresql://me@host:many/name"])
def test_a_wrong_database_url_says_what_is_right(monkeypatch, url):
    monkeypatch.setenv("A_DATABASE", url)
    with pytest.raises(ImproperlyConfigured, match=r"^A_DATABASE (must look like postgresql://|has a port)"):
        env.database("A_DATABASE")


def test_a_missing_or_misspelt_value_names_itself_and_the_cure(monkeypatch):
    monkeypatch.delenv("A_NAME", raising=False)
    with pytest.raises(
        ImproperlyConfigured, match=r"^Set A_NAME \(or A_NAME_FILE\); \.env\.example says what it is\.$"
    ):
        env.text("A_NAME")
    monkeypatch.setenv("A_NAME", "yes")
    with pytest.raises(ImproperlyConfigured, match=r"^A_NAME is 'yes'; write 1 or 0\.$"):
        env.flag("A_NAME", default=False)
    with pytest.raises(ImproperlyConfigured, match=r"^A_NAME is 'yes'; write a whole number of at least 1\.$"):
        env.number("A_NAME", 8, least=1)


def test_a_secret_may_lie_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("A_NAME_FILE", str(tmp_path / "secret"))
    assert env.text("A_NAME") == "from a file"
    monkeypatch.setenv("A_NAME_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match=r"^A_NAME_FILE names .*/none, which cannot be read: No such file"):
        env.text("A_NAME")


@pytest.mark.parametrize("keys", ["", "short", f"{'a' * 43}= short"])
def test_keys_of_the_vault_that_are_none_are_refused_and_not_repeated(monkeypatch, keys):
    monkeypatch.setenv("A_RING", keys)
    with pytest.raises(ImproperlyConfigured, match=r"^A_RING: .* Make one with: openssl ") as refused:
        env.keyring("A_RING")
    assert not any(key in str(refused.value) for key in keys.split())


def test_several_keys_of_the_vault(monkeypatch):
    monkeypatch.setenv("A_RING", f"{variables.vault_key()}, {variables.vault_key()}")
    assert len(env.keyring("A_RING").marks) == 2
