"""REFI-QDA projects (.qdpx): a zip with `project.qde`, which says what was coded by whom, and the texts as files.

Source  REFI-QDA standard 1.5, project schema 1.0 (https://www.qdasoftware.org). Positions are Unicode code points from 0; a selection ends
        before its end position.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from testimonies.values.qdc import QdaCode, codes_element, guid
from testimonies.values.safe_xml import Element, written

NAMESPACE = "urn:QDA-XML:project:1.0"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The moment of every file in the zip: the same project is the same bytes."""


@dataclass(frozen=True, slots=True)
class QdaUser:
    guid: UUID
    name: str


@dataclass(frozen=True, slots=True)
class QdaCoding:
    """A code that a user applied, to a passage or, without one, to all of the source. `made` is an ISO 8601 moment."""

    guid: UUID
    code: UUID
    user: UUID
    made: str
    selection: UUID | None = None
    start: int = 0
    end: int = 0
    words: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class QdaSource:
    """A text."""

    guid: UUID
    name: str
    body: str
    codings: Sequence[QdaCoding] = ()


@dataclass(frozen=True, slots=True)
class QdaCase:
    """Whose texts belong together."""

    guid: UUID
    name: str
    sources: Sequence[QdaSource] = ()


def dump(
    name: str, codes: Iterable[QdaCode], users: Iterable[QdaUser], cases: Sequence[QdaCase], *, origin: str
) -> bytes:
    """The zip. Everything that a coding refers to must be among the codes and users."""
    sources = [source for case in cases for source in case.sources]
    parts = [
        Element("Users", {}, [Element("User", {"guid": guid(user.guid), "name": user.name}) for user in users]),
        Element("CodeBook", {}, [codes_element(codes)]),
        Element("Cases", {}, [_case(case) for case in cases]),
        Element("Sources", {}, [_source(source) for source in sources]),
    ]
    project = Element("Project", {"name": name, "origin": origin}, [part for part in parts if part.children])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        _add(archive, "project.qde", written(project, NAMESPACE))
        for source in sources:
            _add(archive, f"sources/{_file(source)}", source.body.encode())
    return stream.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_DEFLATED)


def _file(source: QdaSource) -> str:
    return f"{guid(source.guid)}.txt"


def _case(case: QdaCase) -> Element:
    refs = [Element("SourceRef", {"targetGUID": guid(source.guid)}) for source in case.sources]
    return Element("Case", {"guid": guid(case.guid), "name": case.name}, refs)


def _source(source: QdaSource) -> Element:
    attributes = {"guid": guid(source.guid), "name": source.name, "plainTextPath": f"internal://{_file(source)}"}
    selections = [_selection(coding) for coding in source.codings if coding.selection]
    whole = [_coding(coding) for coding in source.codings if not coding.selection]
    return Element("TextSource", attributes, [*selections, *whole])


def _selection(coding: QdaCoding) -> Element:
    assert coding.selection  # noqa: S101 - whoever calls has looked
    attributes = {
        "guid": guid(coding.selection),
        "name": coding.words,
        "startPosition": str(coding.start),
        "endPosition": str(coding.end),
        "creatingUser": guid(coding.user),
        "creationDateTime": coding.made,
    }
    note = [Element("Description", text=coding.note)] if coding.note else []
    return Element("PlainTextSelection", attributes, [*note, _coding(coding)])


def _coding(coding: QdaCoding) -> Element:
    attributes = {"guid": guid(coding.guid), "creatingUser": guid(coding.user), "creationDateTime": coding.made}
    return Element("Coding", attributes, [Element("CodeRef", {"targetGUID": guid(coding.code)})])
