"""REFI-QDA codebooks (.qdc): what other software for qualitative analysis reads and writes, and nothing of ours.

Source  REFI-QDA standard 1.5, codebook schema 1.0 (https://www.qdasoftware.org).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from testimonies.values.safe_xml import Element, read, written

NAMESPACE = "urn:QDA-XML:codebook:1.0"
_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_COLOR = re.compile(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
LONGEST_NAME = 200
MOST_LEVELS = 9
MOST_CODES = 2_000


@dataclass(frozen=True, slots=True)
class QdaCode:
    """One code with those below it. `color` may be empty."""

    guid: UUID
    name: str
    is_codable: bool = True
    color: str = ""
    description: str = ""
    codes: tuple["QdaCode", ...] = ()
    line: int = 0


class Unfit(ValueError):
    """All that is wrong with a file, each with its line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def dump(codes: Iterable[QdaCode], *, origin: str) -> bytes:
    """A .qdc file: UTF-8, in the element order of the schema."""
    return written(Element("CodeBook", {"origin": origin}, [codes_element(codes)]), NAMESPACE)


def codes_element(codes: Iterable[QdaCode]) -> Element:
    """As it stands in codebooks and in projects."""
    return Element("Codes", {}, [_element(code) for code in codes])


def guid(value: UUID) -> str:
    return str(value).upper()


def _element(code: QdaCode) -> Element:
    attributes = {"guid": guid(code.guid), "name": code.name, "isCodable": str(code.is_codable).lower()}
    if code.color:
        attributes["color"] = code.color
    description = [Element("Description", text=code.description)] if code.description else []
    return Element("Code", attributes, [*description, *map(_element, code.codes)])


def load(document: str | bytes) -> tuple[QdaCode, ...]:
    """The codes of a .qdc file, in order. Sets of codes are passed over: codebooks here have none. Errors: Refused, Unfit."""
    root = read(document)
    if (root.name, root.namespace) != ("CodeBook", NAMESPACE):
        raise Unfit(
            [f"Line {root.line}: this is no REFI-QDA codebook. Its outermost element is CodeBook of {NAMESPACE}."]
        )
    reader = _Reader()
    found = tuple(code for codes in root.all("Codes")[:1] for code in reader.codes(codes, 1))
    if not found and not reader.problems:
        reader.problems.append(f"Line {root.line}: there is no code in it.")
    if len(reader.guids) > MOST_CODES:
        reader.problems.insert(0, f"Line {root.line}: a codebook has at most {MOST_CODES} codes.")
    if reader.problems:
        raise Unfit(reader.problems[:100])
    return found


class _Reader:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.guids: set[UUID] = set()

    def codes(self, above: Element, level: int) -> Iterator[QdaCode]:
        for element in above.all("Code"):
            self.line = element.line
            if level > MOST_LEVELS:
                self.problem(f"a code lies at most {MOST_LEVELS} levels deep.")
                return
            given = element.attributes
            yield QdaCode(
                guid=self.guid(given.get("guid", "")),
                name=self.name(given.get("name", "")),
                is_codable=self.truth(given.get("isCodable", "true")),
                color=self.color(given.get("color", "")),
                description="".join(child.text for child in element.all("Description")[:1]),
                line=element.line,
                codes=tuple(self.codes(element, level + 1)),
            )

    def problem(self, text: str) -> None:
        self.problems.append(f"Line {self.line}: {text}")

    def guid(self, text: str) -> UUID:
        if not _GUID.fullmatch(text):
            self.problem("a code's guid is eight, four, four, four and twelve hexadecimal digits.")
            return UUID(int=0)
        found = UUID(text.strip("{}"))
        if found in self.guids:
            self.problem("this guid is that of a code before it too.")
        self.guids.add(found)
        return found

    def name(self, text: str) -> str:
        if not text.strip() or len(text) > LONGEST_NAME:
            self.problem(f"a code's name has 1 to {LONGEST_NAME} characters.")
        return text

    def truth(self, text: str) -> bool:
        if text.strip() not in _TRUTH:
            self.problem("isCodable is true or false.")
        return _TRUTH.get(text.strip(), True)

    def color(self, text: str) -> str:
        if text and not _COLOR.fullmatch(text):
            self.problem("a color is #RRGGBB or #RGB.")
        return text
