"""Folders of collection files for tests: small, invented, valid unless a test spoils them."""

import copy
import json
from pathlib import Path
from typing import Any

MANIFEST = {
    "slug": "made-up",
    "title": "Made up",
    "files": ["made_up.jsonl"],
    "codebook": "tiny@1",
    "record_count": 0,
    "population": "nobody",
    "scope": "Written for tests.",
    "caveats": ["Nobody said this."],
    "basis_of_use": "invented",
    "permitted_uses": ["research", "test"],
    "reviewed_by": ["one role", "another role"],
    "case_status": None,
    "tier": "public",
}
CODEBOOK = {
    "codebook": {"slug": "tiny", "version": "1", "title": "Tiny", "language": "en"},
    "codes": [
        {"slug": slug, "parent": parent, "level": 2 if parent else 1, "assignable": bool(parent), "label": slug,
         "inclusion": [], "exclusion": [], "basis": [], "order": order, "tier": tier}
        for order, (slug, parent, tier) in enumerate(
            [
                ("leaving", None, "public"),
                ("leave-one", "leaving", "public"),
                ("leave-two", "leaving", "public"),
                ("use-risk", None, "restricted"),
                ("risk-one", "use-risk", "restricted"),
            ]
        )
    ],
}  # fmt: skip
LINE = {
    "schema": "public-testimony/1",
    "record_key": "one",
    "invented": True,
    "tier": "public",
    "membership": "says_member",
    "person": {
        "alias": "Pseudonym Z-1",
        "public_name": "Pseudonym Z-1",
        "name_kind": "outlet_pseudonym",
        "other_aliases": ["Pseudonym Z-01"],
        "gender": "female",
        "nationality": "TN",
        "residence_before": None,
        "origin_stated": None,
        "age_at_testimony": 31,
        "role_in_group": "support",
        "group": "Invented Front",
        "joined_edtf": "2014~",
        "left_edtf": "2015",
    },
    "testimony": {
        "title": "Invented: one",
        "summary": "Invented. Nobody said this.",
        "language": "en",
        "given_edtf": "2016-05",
        "place_country": "TR",
        "kind": "interview",
        "speaking_conditions": "free",
        "content_warnings": ["killing"],
    },
    "sources": [
        {"outlet": "Invented Daily", "title": "First", "url": "https://example.org/first", "published_edtf": "2016-05-04",
         "medium": "newspaper", "relation": "original"},
        {"outlet": "Invented Radio", "title": "Second", "url": None, "published_edtf": "2016", "medium": "radio",
         "relation": "report_about"},
    ],
    "codes": {"leaving": ["leave-one"], "use_risk": []},
    "evidence": [{"fields": ["nationality", "codes.leaving"], "source": 0, "basis": "stated", "note": None}],
    "conflicts": [],
    "possible_same_person_as": [],
    "in_icsr_2015": None,
}  # fmt: skip


def line(key: str = "one", /, **changes: Any) -> dict[str, Any]:
    """A valid line, with some fields changed: `line("two", person__gender=None, sources__0__url=None)`."""
    return changed({**LINE, "record_key": key}, **changes)


def changed(value: dict[str, Any], /, **changes: Any) -> dict[str, Any]:
    """A copy with some fields changed; `...` removes one."""
    value = copy.deepcopy(value)
    for path, new in changes.items():
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        inner: Any = value
        for step in steps:
            inner = inner[step]
        if new is ...:
            del inner[last]
        else:
            inner[last] = new
    return value


def write(path: Path, *lines: dict[str, Any] | bytes, files: dict[str, Any], manifest: dict[str, Any]) -> Path:
    """A folder with these lines. `manifest` changes its entry, `...` removes from it; `files` adds or replaces files: bytes as they are, anything else as JSON."""
    path.mkdir(exist_ok=True)
    entry = {**MANIFEST, "record_count": len(lines), **manifest}
    entry = {name: value for name, value in entry.items() if value is not ...}
    contents = {
        "collections.json": {"version": "1", "collections": [entry]},
        "codebook_tiny.json": CODEBOOK,
        "made_up.jsonl": b"\n".join(item if isinstance(item, bytes) else dumped(item) for item in lines),
        **files,
    }
    for name, content in contents.items():
        (path / name).write_bytes(content if isinstance(content, bytes) else dumped(content))
    return path


def dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
