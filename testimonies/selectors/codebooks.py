"""A codebook's codes as a tree."""

import json
from typing import Any

from testimonies.access import Actor
from testimonies.projections import shapes
from testimonies.selectors import documents
from testimonies.selectors.codebook_versions import codes_of


def tree(key: str, actor: Actor) -> bytes:
    """The codes that the actor may see, each with its `children`, in the codebook's order. Errors: NotFound."""
    codebook = json.loads(documents.shared_document("codebook", key, "", actor).body)
    found = codes_of(codebook["slug"], codebook["version"], actor)
    nodes: dict[str | None, Any] = {code["slug"]: {**code, "children": []} for code in found}
    top: list[Any] = []
    for node in nodes.values():
        # a code whose parent is above the tier stands at the top: hiding the parent must not hide the child's absence
        (nodes[node["parent"]]["children"] if node["parent"] in nodes else top).append(node)
    body: shapes.CodebookTree = {"codebook": codebook["slug"], "version": codebook["version"], "codes": top}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
