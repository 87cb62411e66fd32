from typing import Any

from testimonies.access import Tier
from testimonies.models import Code, Codebook
from tests.factories.base import batch, number, write


def make_codebook(**values: Any) -> Codebook:
    n = number()
    return write(
        Codebook,
        **{
            "slug": f"invented-codebook-{n}",
            "edition": "1",
            "title": f"Invented codebook {n}",
            "status": "published",
            "tier": Tier.PUBLIC,
            **values,
        },
    )


def make_code(**values: Any) -> Code:
    """A dimension of a new codebook; with `parent` a code below it, in the parent's codebook and dimension."""
    n, parent = number(), values.get("parent")
    with batch():  # a published version takes codes only in the transaction that made it
        codebook = parent.codebook if parent else values.get("codebook") or make_codebook()
        return write(
            Code,
            **{
                "codebook": codebook,
                "slug": f"invented-code-{n}",
                "dimension": parent.dimension if parent else values.get("slug", f"invented-code-{n}"),
                "label": f"Invented code {n}",
                "level": parent.level + 1 if parent else 1,
                "is_assignable": parent is not None,
                "position": n % 30_000,
                "tier": Tier.PUBLIC,
                **values,
            },
        )
