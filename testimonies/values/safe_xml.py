"""XML in and out: read without anything that a file could harm its reader with, written so that every character comes back.

The standard library's expat does the reading. A document type declaration is refused where it begins: without one there are
no entities of a file's own, none of other files, and nothing that grows when it is read.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

MOST_BYTES = 2_000_000
MOST_DEPTH = 40
MOST_ELEMENTS = 50_000
UNCARRIED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot carry, escaped or not."""
_IN_TEXT: dict[str, str] = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTES = {**_IN_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}  # a reader would make spaces of these


class Refused(ValueError):
    """Why a document is not read, and on which line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"Line {line}: {reason}")


@dataclass(slots=True)
class Element:
    """An element with its text, which is only its own; `namespace` and `line` are of what was read."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""
    namespace: str = ""
    line: int = 0

    def all(self, name: str) -> list["Element"]:
        """Children of that name and of the same namespace."""
        return [child for child in self.children if (child.name, child.namespace) == (name, self.namespace)]


def read(document: str | bytes) -> Element:
    """The outermost element. A text is read as the characters that it is, whatever encoding it says. Errors: Refused."""
    data = document.encode() if isinstance(document, str) else document
    if len(data) > MOST_BYTES:
        raise Refused(1, f"a file holds at most {MOST_BYTES // 1_000_000} MB")
    parser = expat.ParserCreate("utf-8" if isinstance(document, str) else None, " ")
    parser.buffer_text = True
    outside = Element("")
    above = [outside]
    number = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal number
        number += 1
        if len(above) > MOST_DEPTH or number > MOST_ELEMENTS:
            raise Refused(parser.CurrentLineNumber, "there are more elements, or deeper ones, than are read")
        namespace, _, local = name.rpartition(" ")
        plain = {key: value for key, value in attributes.items() if " " not in key}
        found = Element(local, plain, namespace=namespace, line=parser.CurrentLineNumber)
        above[-1].children.append(found)
        above.append(found)

    def end(_: str) -> None:
        above.pop()

    def characters(text: str) -> None:
        above[-1].text += text

    def doctype(*_: object) -> None:
        raise Refused(parser.CurrentLineNumber, "a document type declaration is not read. Remove it from the file")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = characters, doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Refused(error.lineno, f"this is no XML ({expat.ErrorString(error.code)})") from None
    except (LookupError, ValueError) as error:
        raise (
            error if isinstance(error, Refused) else Refused(1, "this encoding is not read. Save it as UTF-8")
        ) from None
    return outside.children[0]


def written(root: Element, namespace: str) -> bytes:
    """UTF-8. Elements stand on lines of their own; texts and attributes come back as they are.

    What XML cannot carry at all becomes U+FFFD: services refuse it at the door, and this is for what came before.
    """
    pieces = ['<?xml version="1.0" encoding="utf-8"?>\n']
    _write(root, pieces, {"xmlns": namespace}, 0)
    return "".join(pieces).encode("utf-8")


def _write(element: Element, pieces: list[str], more: dict[str, str], depth: int) -> None:
    indent = "  " * depth
    attributes = "".join(
        f' {key}="{_escaped(value, _IN_ATTRIBUTES)}"' for key, value in {**more, **element.attributes}.items()
    )
    pieces.append(f"{indent}<{element.name}{attributes}")
    if element.text:
        pieces.append(f">{_escaped(element.text, _IN_TEXT)}</{element.name}>\n")
    elif element.children:
        pieces.append(">\n")
        for child in element.children:
            _write(child, pieces, {}, depth + 1)
        pieces.append(f"{indent}</{element.name}>\n")
    else:
        pieces.append("/>\n")


def _escaped(text: str, by: dict[str, str]) -> str:
    return UNCARRIED.sub("\ufffd", text).translate({ord(one): spelled for one, spelled in by.items()})
