"""All that a code says, as one description for software that knows no more than that, and back without loss.

A description that holds nothing but a definition is the definition. One that holds more has a section for each field:

    Definition:
      What it means.
    When to use:
      - Once it is said.

Whatever other software wrote comes back as it was: every text is the description of exactly one code (see `described`).
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

SECTIONS = {
    "slug": "Short name",
    "brief_definition": "In one line",
    "definition": "Definition",
    "inclusion": "When to use",
    "exclusion": "When not to use",
    "example": "Example",
    "near_miss": "Not an example",
    "source_section": "Section of the source",
    "basis": "Rests on",
}
"""Field -> heading, in the order in which they are read."""
LISTS = frozenset({"inclusion", "exclusion", "basis"})
_FIELDS = {f"{heading}:": name for name, heading in SECTIONS.items()}
_SHIELD = "| "
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,80}")
Words = Mapping[str, Any]
"""Field -> text, or a list of texts; what is empty may be left out."""


def described(words: Words) -> str:
    """One description of all fields; `said` takes it apart again.

    A definition alone stays as it is, unless it looks like what is written here, shielded or not: then one shield more is
    put before it. So no two codes have the same description, and every text is the description of one.
    """
    filled = {name: value for name in SECTIONS if (value := words.get(name))}
    if filled.keys() <= {"definition"}:
        definition = str(filled.get("definition", ""))
        return _SHIELD + definition if _sections(_bare(definition)[1]) else definition
    return _written(filled)


def said(description: str) -> dict[str, Any]:
    """The fields that a description holds; none is empty."""
    shields, bare = _bare(description)
    found = _sections(bare)
    if found is None:
        return {"definition": description} if description else {}
    return {"definition": _SHIELD * (shields - 1) + bare} if shields else found


def slug_of(label: str, taken: Collection[str]) -> str:
    """A short name for a label, unlike those that are taken: latin letters, digits and hyphens."""
    latin = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    start = re.sub("[^a-z0-9]+", "-", latin).strip("-")[:70].rstrip("-") or "code"
    found, number = start, 1
    while found in taken:
        number += 1
        found = f"{start}-{number}"
    return found


def _bare(text: str) -> tuple[int, str]:
    number = 0
    while text.startswith(_SHIELD):
        number, text = number + 1, text[len(_SHIELD) :]
    return number, text


def _written(filled: Words) -> str:
    lines: list[str] = []
    for name, value in filled.items():
        lines.append(f"{SECTIONS[name]}:")
        if name in LISTS:
            for item in value:
                first, *others = item.split("\n")
                lines += [f"  - {first}", *(f"    {line}" for line in others)]
        else:
            lines += [f"  {line}" for line in value.split("\n")]
    return "\n".join(lines)


def _sections(text: str) -> dict[str, Any] | None:
    """The fields of a text that `described` wrote in sections; None of any other."""
    lines: dict[str, list[str]] = {}
    name = ""
    for line in text.split("\n"):
        if line in _FIELDS:
            name = _FIELDS[line]
            lines[name] = []
        elif name:
            lines[name].append(line)
        else:
            return None
    found = {name: _list(rows) if name in LISTS else "\n".join(row[2:] for row in rows) for name, rows in lines.items()}
    is_ours = _written({name: found[name] for name in SECTIONS if name in found}) == text  # nothing else is taken apart
    is_whole = all(found.values()) and found.keys() - {"definition"} and _SLUG.fullmatch(str(found.get("slug", "a")))
    return found if is_ours and is_whole else None


def _list(rows: list[str]) -> list[str]:
    items: list[str] = []
    for row in rows:
        if row.startswith("  - ") or not items:
            items.append(row[4:])
        else:
            items[-1] += "\n" + row[4:]
    return items
