"""What the OpenAPI document says of an operation that is neither list, detail nor write of one record: declared beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from testimonies.api.components import Components, Node
from testimonies.api.parsing import StrictSerializer
from testimonies.selectors.parameters import Declared

JSON = "application/json"
Action = TypeVar("Action", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Said:
    """`shape` is the answer's, of a list its entries'; without one it is the view's own, or a file of the media type, or `content`.

    `operation` and `summary` may name the kind of record as {one}: of what several views mix in.
    `refuses`: statuses beside those of every write, and of those that take If-Match.
    `is_streamed`: nothing is known of all of it when its first bytes are sent, so that it has no ETag.
    """

    operation: str
    summary: str
    shape: type | None = None
    media_type: str = JSON
    content: Callable[[Components], Node] | None = None
    body: type[StrictSerializer] | None = None
    status: str = "200"
    lists: Declared | None = None
    parameters: tuple[Node, ...] = ()
    takes_if_match: bool = False
    refuses: tuple[str, ...] = ()
    is_streamed: bool = False


def says(operation: str, summary: str, **more: Any) -> Callable[[Action], Action]:
    """Put above `@action`, or above what answers a method."""

    def decorate(action: Action) -> Action:
        action.said = Said(operation, summary, **more)  # type: ignore[attr-defined]
        return action

    return decorate
