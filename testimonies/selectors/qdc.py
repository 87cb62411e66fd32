"""A codebook as a REFI-QDA file: the codes that the caller may see."""

import json
from typing import Any
from uuid import UUID

from testimonies.access import Actor
from testimonies.selectors import documents
from testimonies.selectors.codebook_versions import codes_of
from testimonies.values import code_words, qdc

MEDIA_TYPE = "application/octet-stream"
ORIGIN = "Testimony records"


def export(key: str, actor: Actor) -> tuple[str, bytes]:
    """Name and bytes of the file. Errors: NotFound."""
    codebook = json.loads(documents.shared_document("codebook", key, "", actor).body)
    codes = tree(codebook["slug"], codebook["version"], actor)
    return f"{codebook['slug']}-{codebook['version']}.qdc", qdc.dump(codes, origin=ORIGIN)


def tree(slug: str, edition: str, actor: Actor) -> list[qdc.QdaCode]:
    """A code whose parent is above the tier stands at the top, as in the codebook's tree."""
    found = codes_of(slug, edition, actor)
    slugs = {code["slug"] for code in found}
    below: dict[str | None, list[Any]] = {}
    for code in found:
        below.setdefault(code["parent"] if code["parent"] in slugs else None, []).append(code)
    taken: set[str] = set()

    def built(parent: str | None) -> list[qdc.QdaCode]:
        return [one(code) for code in below.get(parent, [])]

    def one(code: Any) -> qdc.QdaCode:
        words = {name: code.get(name) for name in code_words.SECTIONS}
        if code_words.slug_of(code["label"], taken) == code["slug"]:
            del words["slug"]  # whoever reads the file makes the same of the label
        taken.add(code["slug"])
        return qdc.QdaCode(
            guid=UUID(code["guid"]),
            name=code["label"],
            is_codable=code["is_assignable"],
            color=code["color"],
            description=code_words.described(words),
            codes=tuple(built(code["slug"])),
        )

    return built(None)
