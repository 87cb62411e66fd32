"""A codebook's codes as a tree."""

import json
from typing import Any

from testimonies.access import Actor
from testimonies.projections import shapes
from testimonies.selectors import documents
from testimonies.selectors.sql import Sql, fetch


def tree(key: str, actor: Actor) -> bytes:
    """The codes that the actor may see, each with its `children`, in the codebook's order. Errors: NotFound."""
    codebook = json.loads(documents.shared_document("codebook", key, "", actor).body)
    wanted = json.dumps({"codebook": codebook["slug"], "version": codebook["version"]})
    found = fetch(
        Sql(
            "SELECT document FROM projection_shared WHERE noun = 'code' AND tier = %s AND shape > 0 AND facets @> %s::jsonb ORDER BY sort_key, record_id",
            (int(actor.tier), wanted),
        )
    )
    nodes = {code["slug"]: {**code, "children": []} for code in (json.loads(document) for (document,) in found)}
    top: list[Any] = []
    for node in nodes.values():
        # a code whose parent is above the tier stands at the top: hiding the parent must not hide the child's absence
        (nodes[node["parent"]]["children"] if node["parent"] in nodes else top).append(node)
    body: shapes.CodebookTree = {"codebook": codebook["slug"], "version": codebook["version"], "codes": top}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
