"""How to cite a testimony: its sources, the original first, as CSL-JSON or BibTeX.

Made of the document that the caller may read, and of nothing else. Source of the formats: the CSL-JSON schema 1.0.2 and
BibTeX's @misc, with characters that TeX would run made harmless.
"""

import json
import re
from typing import Any

FORMATS = ("csl-json", "bibtex")
MEDIA_TYPES = {"csl-json": "application/vnd.citationstyles.csl+json", "bibtex": "application/x-bibtex"}
_CSL_TYPES = {
    "newspaper": "article-newspaper",
    "magazine": "article-magazine",
    "news_agency": "article-newspaper",
    "online_news": "article-newspaper",
    "blog": "post-weblog",
    "television": "broadcast",
    "radio": "broadcast",
    "book": "book",
    "report": "report",
    "social_media": "post",
    "court_record": "legal_case",
}
_RELATIONS = ("original", "republication", "report_about")
_TEX = {character: f"\\{character}" for character in "&%$#_"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\n": " ", "\r": " ", "\t": " ",
    # BibTeX counts every brace, a backslash before it or not: a lone one would end the field
    "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
}  # fmt: skip


def render(document: bytes, style: str) -> tuple[bytes, str]:
    """The citation and its media type. `document` is the testimony's ready JSON."""
    items = _items(json.loads(document))
    text = json.dumps(items, ensure_ascii=False, indent=1) if style == "csl-json" else "\n".join(map(_bibtex, items))
    return text.encode(), MEDIA_TYPES[style]


def _items(testimony: dict[str, Any]) -> list[dict[str, Any]]:
    citations = sorted(testimony["citations"], key=lambda citation: _RELATIONS.index(citation["relation"]))
    return [_item(testimony, number, citation) for number, citation in enumerate(citations, 1)] or [
        _without_source(testimony)
    ]


def _item(testimony: dict[str, Any], number: int, citation: dict[str, Any]) -> dict[str, Any]:
    source = citation["source"]
    item = {
        "id": f"{testimony['ref']}-{number}",
        "type": _CSL_TYPES.get(source["medium"], "document"),
        "title": source["title"] or testimony["title"],
        "container-title": source["outlet"],
        "issued": _date(source["published"]),
        "URL": source["url"],
        "note": f"{citation['relation'].replace('_', ' ')}; testimony {testimony['ref']}: {testimony['title']}",
    }
    return {key: value for key, value in item.items() if value}


def _without_source(testimony: dict[str, Any]) -> dict[str, Any]:
    item = {
        "id": testimony["ref"],
        "type": "interview",
        "title": testimony["title"],
        "issued": _date(testimony["given"]),
    }
    return {key: value for key, value in item.items() if value}


def _date(edtf: str | None) -> dict[str, Any] | None:
    """A plain date in parts; anything uncertain is kept as written."""
    if edtf is None:
        return None
    if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?", edtf):
        return {"date-parts": [[int(part) for part in edtf.split("-")]]}
    return {"literal": edtf}


def _bibtex(item: dict[str, Any]) -> str:
    issued = item.get("issued", {})
    parts = issued.get("date-parts", [[]])[0]
    fields = {
        "title": f"{{{_tex(item['title'])}}}",
        "howpublished": _tex(item.get("container-title", "")),
        "year": str(parts[0]) if parts else "",
        "month": str(parts[1]) if len(parts) > 1 else "",
        "date": "-".join(f"{part:02d}" for part in parts) or _tex(issued.get("literal", "")),
        "url": _tex(item.get("URL", "")),
        "note": _tex(item.get("note", "")),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{item['id']},\n{lines}\n}}\n"


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
