"""What the OpenAPI document says of an operation that is neither list, detail nor write of one record: declared beside it.

Views import this and no more of what makes the document: drf-spectacular would cost each process that answers 4 MB
(docs/adr/0039).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from testimonies.access import Tier
from testimonies.api.parsing import StrictSerializer
from testimonies.selectors.parameters import Declared

JSON = "application/json"
Node = dict[str, Any]
"""A piece of the document."""
TIER_WORDS = [
    (Tier.PUBLIC.label, "everybody, where the service is open to all; else every key"),
    (Tier.PARTNER.label, "keys of partners, and staff"),
    (Tier.RESTRICTED.label, "staff"),
]
"""Of a tier, in the words of the document."""
Action = TypeVar("Action", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Said:
    """`shape` is the answer's, of a list its entries'; without one it is the view's own, or a file of the media type, or `content`
    of the document's components.

    `operation` and `summary` may name the kind of record as {one}: of what several views mix in.
    `refuses`: statuses beside those of every write, and of those that take If-Match.
    `is_streamed`: nothing is known of all of it when its first bytes are sent, so that it has no ETag.
    """

    operation: str
    summary: str
    shape: type | None = None
    media_type: str = JSON
    content: Callable[[Any], Node] | None = None
    body: type[StrictSerializer] | None = None
    status: str = "200"
    lists: Declared | None = None
    parameters: tuple[Node, ...] = ()
    takes_if_match: bool = False
    refuses: tuple[str, ...] = ()
    is_streamed: bool = False


def query(name: str, text: str, schema: Node, **more: Any) -> Node:
    return {"in": "query", "name": name, "description": text, "schema": schema, **more}


def says(operation: str, summary: str, **more: Any) -> Callable[[Action], Action]:
    """Put above `@action`, or above what answers a method."""

    def decorate(action: Action) -> Action:
        action.said = Said(operation, summary, **more)  # type: ignore[attr-defined]
        return action

    return decorate
