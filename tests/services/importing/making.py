"""Files as programs write them, and as somebody writes them who means harm."""

import io
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ROOT_RELS = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
RELS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>'
)
WORKBOOK = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>'


def workbook(path: Path, rows: Iterable[Iterable[Any]], formats: dict[str, str] | None = None) -> Path:
    """As openpyxl writes it; `formats` are number formats by cell."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    book.save(path)
    return path


def sheet(*rows: str) -> str:
    """A sheet of rows that are XML already; the first one names the columns a and b."""
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
    return f'<worksheet xmlns="{MAIN}"><sheetData>{head}{"".join(rows)}</sheetData></worksheet>'


def archive(path: Path, members: dict[str, str | bytes] | None = None, **options: Any) -> Path:
    """A workbook of parts written by hand; a member that is named replaces what there would be."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": ROOT_RELS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELS,
        "xl/worksheets/sheet1.xml": sheet(),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"/>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"/>',
        **(members or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return path


def bomb(path: Path, *, n_megabytes: int, claimed: int | None = None) -> Path:
    """A sheet that unpacks to so many megabytes; the directory claims another size, if one is given."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, text in {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": ROOT_RELS,
            "xl/workbook.xml": WORKBOOK,
        }.items():
            made.writestr(name, text)
        made.writestr("xl/_rels/workbook.xml.rels", RELS)
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=False) as member:
            member.write(sheet().removesuffix("</sheetData></worksheet>").encode())
            piece = b" " * (1 << 20)
            for _ in range(n_megabytes):
                member.write(piece)
            member.write(b"</sheetData></worksheet>")
    written = data.getvalue()
    if claimed is not None:
        at = written.rindex(b"PK\x01\x02", 0, written.rindex(b"xl/worksheets/sheet1.xml"))
        written = written[: at + 24] + struct.pack("<I", claimed) + written[at + 28 :]
    path.write_bytes(written)
    return path
