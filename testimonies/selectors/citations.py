"""How to cite a testimony: its sources, the original first, as CSL-JSON, BibTeX or RIS. A source is cited by itself.

Made of the document that the caller may read, and of nothing else. Source of the formats: the CSL-JSON schema 1.0.2,
BibTeX's @misc with characters that TeX would run made harmless, and the tags of RIS as reference managers read them.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

FORMATS = ("csl-json", "bibtex", "ris")
MEDIA_TYPES = {
    "csl-json": "application/vnd.citationstyles.csl+json",
    "bibtex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
}
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
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    # BibTeX counts every brace, a backslash before it or not: a lone one would end the field
    "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
}  # fmt: skip


def render(document: bytes, style: str) -> tuple[bytes, str]:
    """The citation and its media type. `document` is the testimony's ready JSON."""
    items = _items(json.loads(document))
    text = (
        json.dumps(items, ensure_ascii=False, indent=1)
        if style == "csl-json"
        else "\n".join(map(_WRITERS[style], items))
    )
    return text.encode(), MEDIA_TYPES[style]


def file(batches: Iterable[list[dict[str, Any]]], style: str) -> Iterator[bytes]:
    """The citations of many testimonies or sources, piece by piece."""
    before = "["
    for batch in batches:
        items = [item for document in batch for item in _items(document)]
        if style == "csl-json":
            text = "".join(f"{before if number == 0 else ','}\n{_json(item)}" for number, item in enumerate(items))
            before = "," if items else before
        else:
            text = "".join(f"{_WRITERS[style](item)}\n" for item in items)
        yield text.encode()
    if style == "csl-json":
        yield b"[]\n" if before == "[" else b"\n]\n"


def _json(item: dict[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False)


def _items(testimony: dict[str, Any]) -> list[dict[str, Any]]:
    if "citations" not in testimony:
        return [_filled({"id": testimony["ref"], **_published(testimony)})]
    citations = sorted(testimony["citations"], key=lambda citation: _RELATIONS.index(citation["relation"]))
    return [_item(testimony, number, citation) for number, citation in enumerate(citations, 1)] or [
        _without_source(testimony)
    ]


def _item(testimony: dict[str, Any], number: int, citation: dict[str, Any]) -> dict[str, Any]:
    published = _published(citation["source"])
    return _filled(
        {
            "id": f"{testimony['ref']}-{number}",
            **published,
            "title": published["title"] or testimony["title"],
            "note": f"{citation['relation'].replace('_', ' ')}; testimony {testimony['ref']}: {testimony['title']}",
        }
    )


def _published(source: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": _CSL_TYPES.get(source["medium"], "document"),
        "title": source["title"],
        "container-title": source["outlet"],
        "issued": _date(source["published"]),
        "URL": source["url"],
    }


def _filled(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value or key == "title"}


def _without_source(testimony: dict[str, Any]) -> dict[str, Any]:
    return _filled(
        {
            "id": testimony["ref"],
            "type": "interview",
            "title": testimony["title"],
            "issued": _date(testimony["given"]),
        }
    )


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
    return "".join(_TEX.get(character, character) for character in _one_line(text))


_RIS_TYPES = {
    "article-newspaper": "NEWS",
    "article-magazine": "MGZN",
    "post-weblog": "BLOG",
    "post": "ELEC",
    "broadcast": "VIDEO",
    "book": "BOOK",
    "report": "RPRT",
    "legal_case": "CASE",
    "interview": "PCOMM",
}


def _ris(item: dict[str, Any]) -> str:
    issued = item.get("issued", {})
    parts = issued.get("date-parts", [[]])[0]
    fields = {
        "TY": _RIS_TYPES.get(item["type"], "GEN"),
        "ID": item["id"],
        "TI": item["title"],
        "T2": item.get("container-title", ""),
        "PY": f"{parts[0]:04d}" if parts else "",
        "DA": f"{'/'.join(f'{part:02d}' for part in parts)}{'/' * (3 - len(parts))}"
        if parts
        else issued.get("literal", ""),
        "UR": item.get("URL", ""),
        "N1": item.get("note", ""),
    }
    lines = [f"{tag}  - {value}\r\n" for tag, text in fields.items() if (value := _one_line(text))]
    return f"{''.join(lines)}ER  - \r\n"


def _one_line(text: str) -> str:
    """A line that begins like a tag would be one: whatever some reader takes for the end of a line is a blank."""
    return " ".join(text.split())


_WRITERS = {"bibtex": _bibtex, "ris": _ris}
