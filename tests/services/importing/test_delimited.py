"""CSV as people have it: encodings, what is between the cells, rows that are too long, and files that harm."""

import codecs
from pathlib import Path

import pytest

from testimonies.errors import RejectedFile
from testimonies.services.importing import files
from testimonies.services.importing.files import Kind, Options

TEXT = 'title;given;person.name\nEin Rückkehrer erzählt;2014;"A ""B"""\n"two\nlines";2014-09;Zoë\n'


def written(tmp_path: Path, data: bytes | str) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def rows(path: Path, **options: str) -> list[tuple[int, list[object]]]:
    return [(row.number, row.cells) for row in files.table(path, Options(**options))]


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(RejectedFile) as caught:
        list(files.table(path, Options(**options)))
    return " ".join(caught.value.problems)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("windows-1252", b""),
    ],
)
def test_encoding_and_delimiter_are_found_out(tmp_path: Path, delimiter: str, encoding: str, mark: bytes) -> None:
    path = written(tmp_path, mark + TEXT.replace(";", delimiter).encode(encoding))
    table = files.table(path)
    assert files.detect(path) == Kind.CSV
    assert table.columns == ["title", "given", "person.name"]
    assert (table.notes.encoding, table.notes.delimiter) == (
        encoding.removesuffix("-le").removesuffix("-be"),
        delimiter,
    )
    found = [(2, ["Ein Rückkehrer erzählt", "2014", 'A "B"']), (3, ["two\nlines", "2014-09", "Zoë"])]
    assert rows(path) == found
    assert rows(path) == found  # and again
    assert bool(table.notes.said) == (encoding == "windows-1252")


def test_an_encoding_that_could_be_many_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "title,given\nعاد من هناك,2014\n".encode("windows-1256"))
    assert "name one of: utf-8" in refusal(path)
    assert rows(path, encoding="windows-1256") == [(2, ["عاد من هناك", "2014"])]


def test_rows_that_are_too_short_or_long_are_told_and_the_others_read(tmp_path: Path) -> None:
    path = written(tmp_path, "title,given\na,2014\nb\nc,2015,2016\n,\n\nd,2017,,\n")
    found = [(row.number, row.cells, row.reason) for row in files.table(path)]
    assert found == [
        (2, ["a", "2014"], ""),
        (3, [], "has 1 cells, and there are 2 columns."),
        (4, [], "has 3 cells, and there are 2 columns."),
        (7, ["d", "2017"], ""),
    ]
