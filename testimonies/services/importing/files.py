"""A file as a Table: which kind it is, by what it holds and not by its name, and its columns and rows."""

import os
from enum import StrEnum
from pathlib import Path

from testimonies.services.importing.archives import Archive
from testimonies.services.importing.delimited import Delimited
from testimonies.services.importing.json_lines import JsonLines
from testimonies.services.importing.tables import (
    ABSENT,
    MOST_BYTES,
    Cell,
    Notes,
    Options,
    Row,
    Table,
    Unreadable,
    refused,
)
from testimonies.services.importing.workbooks import Workbook

__all__ = ["ABSENT", "Cell", "Kind", "Notes", "Options", "Row", "Table", "Unreadable", "detect", "table"]


class Kind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


_LEGACY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""A compound file: .xls, and .xlsx with a password."""
_NEVER = (
    b"%PDF",
    b"\x1f\x8b",
    b"\x7fELF",
    b"MZ",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"SQLite format 3",
    b"Rar!",
    b"7z\xbc\xaf",
)
_BLANKS = b" \t\r\n"


def detect(path: Path) -> Kind:
    """Errors: RejectedFile, of what is none of the three."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(4096)
    if not size:
        raise refused("The file is empty.")
    if size > MOST_BYTES:
        raise refused(f"The file has more than {MOST_BYTES // 1024 // 1024} MB. Import it in parts.")
    if start.startswith(_LEGACY):
        raise refused("This is an old Excel file (.xls), or one with a password. Save it as .xlsx, without a password.")
    if start.startswith(b"PK"):
        return _zipped(path)
    if start.startswith(_NEVER):
        raise refused("This is neither CSV nor XLSX nor JSON Lines. Save it as one of these.")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANKS)
    if text.startswith(b"{"):
        return Kind.JSONL
    if text.startswith(b"["):
        raise refused("This is JSON, but not JSON Lines. Write one object on each line, without brackets around them.")
    if text[:5].lower() in (b"<?xml", b"<html", b"<!doc"):
        raise refused("This is XML or a web page. Save it as CSV, XLSX or JSON Lines.")
    return Kind.CSV


def _zipped(path: Path) -> Kind:
    names = Archive(path).names
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return Kind.XLSX
    raise refused("This is a zip file or another kind of document. Save it as XLSX, CSV or JSON Lines.")


def table(path: Path, options: Options | None = None) -> Table:
    """Errors: RejectedFile."""
    opened: dict[Kind, type[Delimited | Workbook | JsonLines]] = {
        Kind.CSV: Delimited,
        Kind.XLSX: Workbook,
        Kind.JSONL: JsonLines,
    }
    return opened[detect(path)](path, options or Options())
