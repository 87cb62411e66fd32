"""docs/security.md names code and tests that are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([a-z]+/[\w./-]+)(?:::(\w+))?`", PAGE)))
ENTRIES = [entry for entry in re.split(r"\n\n(?=\*\*)", PAGE) if entry.startswith("**")]


@cache
def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_there_is_a_page_to_look_at():
    assert len(ENTRIES) > 20
    assert len(NAMED) > 50


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_what_is_named_is_there(path, name):
    assert (PROJECT / path).exists(), path
    if name:
        assert name in names_in(PROJECT / path)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[2:40])
def test_each_danger_is_answered_or_said_to_be_open(entry):
    assert re.search(r"`tests/[\w/]+\.py::\w+`|\*(Not|Cannot|In part|Outside)", entry)
