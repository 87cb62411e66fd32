"""REFI-QDA projects: the zip, its XML in the element order of the standard's schema, and positions that find their words."""

import io
import zipfile
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from testimonies.values import qdpx
from testimonies.values.qdc import QdaCode
from testimonies.values.safe_xml import read
from tests.values.test_qdc import SCHEMA, TEXTS, fits

MADE = {"creatingUser", "creationDateTime", "modifyingUser", "modifiedDateTime"}
PROJECT = {
    "Project": (
        {"name", "origin", "basePath", "creatingUserGUID", "creationDateTime", "modifyingUserGUID", "modifiedDateTime"}, {"name"},
        ("Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs", "Description", "NoteRef"),
    ),
    "Users": (set(), set(), ("User",)),
    "User": ({"guid", "name", "id"}, {"guid"}, ()),
    "CodeBook": (set(), set(), ("Codes", "Sets")),
    "Cases": (set(), set(), ("Case",)),
    "Case": ({"guid", "name"}, {"guid"}, ("Description", "CodeRef", "VariableValue", "SourceRef", "SelectionRef")),
    "Sources": (set(), set(), ("TextSource", "PictureSource", "PDFSource", "AudioSource", "VideoSource")),
    "TextSource": (
        {"guid", "name", "richTextPath", "plainTextPath"} | MADE, {"guid"},
        ("Description", "PlainTextContent", "PlainTextSelection", "Coding", "NoteRef", "VariableValue"),
    ),
    "PlainTextSelection": (
        {"guid", "name", "startPosition", "endPosition"} | MADE, {"guid", "startPosition", "endPosition"},
        ("Description", "Coding", "NoteRef"),
    ),
    "Coding": ({"guid", "creatingUser", "creationDateTime"}, {"guid"}, ("CodeRef", "NoteRef")),
    "CodeRef": ({"targetGUID"}, {"targetGUID"}, ()),
    "SourceRef": ({"targetGUID"}, {"targetGUID"}, ()),
    **{name: SCHEMA[name] for name in ("Codes", "Code", "Description")},
}  # fmt: skip
"""As SCHEMA of codebooks: attributes, those needed, children in order; written down from the standard."""
CODE, USER = UUID(int=1), UUID(int=2)


def opened(data):
    archive = zipfile.ZipFile(io.BytesIO(data))
    files = {name: archive.read(name) for name in archive.namelist()}
    return read(files["project.qde"]), files


def every(element, name):
    found = [element] if element.name == name else []
    return found + [one for child in element.children for one in every(child, name)]


def project(body, start, end, note=""):
    whole, passage = (
        qdpx.QdaCoding(uuid4(), CODE, USER, "2026-01-05T10:00:00Z", **more)
        for more in ({}, {"selection": uuid4(), "start": start, "end": end, "words": body[start:end], "note": note})
    )
    source = qdpx.QdaSource(uuid4(), "A text", body, [whole, passage])
    codes = [QdaCode(CODE, "Violence", color="#abc", description="Words.")]
    users = [qdpx.QdaUser(USER, "coder <1>")]
    return qdpx.dump("alpha@1", codes, users, [qdpx.QdaCase(uuid4(), "T-7K3QM2X9", [source])], origin="Invented")


def fits_the_standard(data):
    """The structure of the schema, and that every reference finds what it names."""
    root, files = opened(data)
    fits(root, qdpx.NAMESPACE, PROJECT)
    guids = [one.attributes["guid"] for name in PROJECT for one in every(root, name) if "guid" in one.attributes]
    assert len(set(guids)) == len(guids)
    refs = [one.attributes["targetGUID"] for name in ("CodeRef", "SourceRef") for one in every(root, name)]
    refs += [one.attributes["creatingUser"] for one in every(root, "Coding")]
    assert {*refs} <= {*guids}
    paths = {one.attributes["plainTextPath"].removeprefix("internal://") for one in every(root, "TextSource")}
    assert files.keys() == {"project.qde", *(f"sources/{path}" for path in paths)}
    return root, files


@given(TEXTS.filter(bool), TEXTS, st.data())
def test_positions_find_their_words_in_the_file(body, note, data):
    start = data.draw(st.integers(0, len(body) - 1))
    end = data.draw(st.integers(start + 1, len(body)))
    root, files = fits_the_standard(project(body, start, end, note))
    (source,), (selection,) = every(root, "TextSource"), every(root, "PlainTextSelection")
    text = files[source.attributes["plainTextPath"].replace("internal://", "sources/")].decode()
    assert text == body
    first, last = (int(selection.attributes[f"{name}Position"]) for name in ("start", "end"))
    assert text[first:last] == selection.attributes["name"] == body[start:end]
    assert "".join(one.text for one in selection.all("Description")) == note
    assert [len(every(one, "Coding")) for one in (selection, source)] == [1, 2]


def test_the_same_project_is_the_same_file():
    empty = qdpx.dump("alpha@1", [QdaCode(CODE, "a")], [], [], origin="Invented")
    assert empty == qdpx.dump("alpha@1", [QdaCode(CODE, "a")], [], [], origin="Invented")
    root, files = fits_the_standard(empty)
    assert [child.name for child in root.children] == ["CodeBook"]
    assert files.keys() == {"project.qde"}
