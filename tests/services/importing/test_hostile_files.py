"""Files that somebody sends to harm: each is refused with a plain reason, in bounded time and memory.

All are read by one process that has 256 MB of room beside what it takes before.
"""

import json
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.services.importing.making import MAIN, PACKAGE, RELS, ROOT_RELS, archive, bomb, sheet

SLOWEST = 30.0
"""Seconds of processor time that any one of them may take; most take a few milliseconds."""
DAMAGED = "The workbook is damaged."
DOCTYPE = "holds a document type declaration"
SHEET = "xl/worksheets/sheet1.xml"
MANY = 1_000_000


def csv_files(folder: Path) -> dict[str, str]:
    """Name -> what is said of it."""

    def put(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)

    put("a million columns", b",".join([b"x%d" % n for n in range(MANY)]) + b"\n1\n")
    put("a million cells", b"title,given\n" + b"," * MANY + b"\n")
    put("one line", b"title,given\n" + b"x" * 20_000_000)
    put("an open quotation mark", b'title,given\n"' + b"x\n" * 5_000_000)
    put("a quotation mark inside", b'title,given\n"a"b,2014\n')
    put("NUL", b"title,given\na\0b,2014\n")
    put("only NUL", b"\0" * 1_000_000)
    put("UTF-16 without a mark", "title,given\nä,2014\n".encode("utf-16-le"))
    put("UTF-32", "title,given\n".encode("utf-32"))
    put("half UTF-8", "title\nä".encode()[:-1])
    put("random bytes", random.Random(1).randbytes(200_000))
    put("empty", b"")
    put("a mark alone", b"\xef\xbb\xbf")
    put("a million empty lines", b"title,given\n" + b"\n" * MANY + b"a,2014\n")
    put("two million empty lines", b"title,given\n" + b"\n" * (2 * MANY))
    put("headers twice", b"title,given,Title\n")
    put("PDF", b"%PDF-1.7\n")
    put("XML", b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>')
    with (folder / "2 GB").open("wb") as file:
        file.truncate(2_000_000_000)
    with (folder / "one line of 500 MB").open("wb") as file:
        file.write(b"title\n")
        file.truncate(500_000_000)
    return {
        "a million columns": "There are 1,000,000 cells in one row",
        "a million cells": "There are 1,000,001 cells in one row",
        "one line": "holds more than 8,000,000 characters",
        "an open quotation mark": "A cell holds more than 1,000,000 characters. Is a quotation mark not closed?",
        "a quotation mark inside": "Row 2: A quotation mark is not closed, or stands inside of a cell.",
        "NUL": "Row 2: holds a NUL character",
        "only NUL": "holds a NUL character",
        "UTF-16 without a mark": "NUL character",
        "UTF-32": "The file is in UTF-32.",
        "half UTF-8": "1 rows, 0 problems",
        "random bytes": "its letters could be of many encodings",
        "empty": "The file is empty.",
        "a mark alone": "The file is empty.",
        "a million empty lines": "1 rows, 0 problems",
        "two million empty lines": "There are more than 1,100,000 rows.",
        "headers twice": "Row 1, column C: has the same name as column A.",
        "PDF": "This is neither CSV nor XLSX nor JSON Lines.",
        "XML": "This is XML or a web page.",
        "2 GB": "The file has more than 512 MB.",
        "one line of 500 MB": "holds more than 8,000,000 characters",
    }  # fmt: skip


def json_files(folder: Path) -> dict[str, str]:
    texts = {
        "deep": '{"title": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "deep objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
        "rather deep": '{"title": ' + "[" * 20 + "]" * 20 + "}",
        "a huge number": '{"age_from": ' + "9" * 100_000 + "}",
        "a huge exponent": '{"age_from": 1e999999}',
        "NaN": '{"age_from": NaN}',
        "a key twice": '{"title": "a", "title": "b"}',
        "a list": '[{"title": "a"}]',
        "one object of 30 MB": '{"title": "' + "x" * 30_000_000 + '"}',
        "100,000 keys": "{" + ",".join(f'"k{n}": 1' for n in range(100_000)) + "}",
        "half a pair": '{"title": "\\ud800"}',
        "a NUL": '{"title": "a\\u0000b"}',
        "no object": '{"title": "a"}\n1\n"x"\nnull\n',
        "a key without a name": '{"": 1}',
    }
    for name, text in texts.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return {
        "a huge number": "no object in the file", "a huge exponent": "1 rows, 1 problems", "NaN": "no object in the file",
        "deep": "no object in the file", "deep objects": "no object in the file", "rather deep": "no object in the file",
        "a key twice": "no object in the file", "a list": "This is JSON, but not JSON Lines.",
        "one object of 30 MB": "holds more than 4,000,000 bytes", "100,000 keys": "There are more than 500 different keys.",
        "half a pair": "1 rows, 1 problems", "a NUL": "1 rows, 1 problems", "no object": "4 rows, 3 problems",
        "a key without a name": "An object has a key without a name.",
    }  # fmt: skip


OUTSIDE = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
BILLION = f'<!DOCTYPE sst [<!ENTITY a "ha"><!ENTITY b "{"&a;" * 100}"><!ENTITY c "{"&b;" * 100}">]><sst xmlns="{MAIN}"><si><t>&c;</t></si></sst>'
FIRST = 'Target="worksheets/sheet1.xml"'
NAMES = "The workbook names files outside of itself."
NO_SHEET = "The workbook has no visible sheet."
PARTS = {
    # what is in the archive instead, and what is said of it
    "entities": ({"xl/sharedStrings.xml": BILLION}, DOCTYPE),
    "an entity of another file": ({SHEET: OUTSIDE + sheet().replace(">a<", ">&x;<")}, DOCTYPE),
    "an external type": ({"xl/workbook.xml": '<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd"><workbook/>'}, DOCTYPE),
    "a name with dots": ({"xl/../../../tmp/x.xml": "<x/>"}, NAMES),
    "a name from the root": ({"/etc/passwd": "<x/>"}, NAMES),
    "a name with backslashes": ({"..\\..\\x.xml": "<x/>"}, NAMES),
    "a sheet elsewhere": (
        {"xl/_rels/workbook.xml.rels": RELS.replace(FIRST, 'Target="http://127.0.0.1:9/s.xml" TargetMode="External"')},
        NO_SHEET,
    ),
    "a sheet above": ({"xl/_rels/workbook.xml.rels": RELS.replace(FIRST, 'Target="../../../../etc/passwd"')}, NO_SHEET),
    "no workbook": ({"_rels/.rels": f'<Relationships xmlns="{PACKAGE}"/>'}, DAMAGED),
    "another document": ({"_rels/.rels": ROOT_RELS.replace("/officeDocument", "/letter")}, DAMAGED),
    "no XML": ({"xl/workbook.xml": "workbook"}, DAMAGED),
    "an encoding that there is not": ({SHEET: '<?xml version="1.0" encoding="x-none"?><worksheet/>'}, DAMAGED),
}
LONG_ATTRIBUTE = f'<row r="2" x="{"y" * 20_000_000}"/>'
EMPTY_ROWS = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>' for n in range(2, 200_000))
TEXT, TWICE = f'<sst xmlns="{MAIN}"><si><t>{"x" * 900_000}</t></si></sst>', '<c t="s"><v>0</v></c>' * 2
SHEETS = {
    "deep elements": ("<x>" * 1_000_000, "has more cells, or deeper ones"),
    "a long attribute": (LONG_ATTRIBUTE, DAMAGED),
    "a long comment": (f"<!--{'y' * 20_000_000}-->", DAMAGED),
    "not closed": ('<row r="2"><c r="A2"><v>1', DAMAGED),
    "a row far down": ('<row r="99999999"><c r="A99999999"><v>1</v></c></row>', "There are more than 1,100,000 rows."),
    "a row that goes back": ('<row r="3"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>', DAMAGED),
    "a cell far right": (
        '<row r="2"><c r="XFD2"><v>1</v></c></row>',
        "Row 2: has a cell in column XFD; at most 500 columns",
    ),
    "a cell farther right": ('<row r="2"><c r="ZZZZZZZ2"><v>1</v></c></row>', DAMAGED),
    "a cell nowhere": ('<row r="2"><c r="é2"><v>1</v></c></row>', DAMAGED),
    "a text that is not there": ('<row r="2"><c r="A2" t="s"><v>7</v></c></row>', DAMAGED),
    "a long number": (f'<row r="2"><c r="A2"><v>{"9" * 1_000_000}</v></c></row>', "1 rows"),
    "a long text": (
        f'<row r="2"><c r="A2" t="str"><v>{"9" * 5_000_000}</v></c></row>',
        "A cell holds more than 1,000,000",
    ),
    "many empty rows": (EMPTY_ROWS + '<row r="500001"><c r="A500001"><v>1</v></c></row>', "1 rows"),
}


def workbooks(folder: Path) -> dict[str, str]:
    for name, (members, _) in PARTS.items():
        archive(folder / name, members)
    for name, (rows, _) in SHEETS.items():
        archive(folder / name, {SHEET: sheet(rows)})
    again = "".join(f'<row r="{n}">{TWICE}</row>' for n in range(2, 2_000))
    archive(folder / "one text again and again", {"xl/sharedStrings.xml": TEXT, SHEET: sheet(again)})
    return {name: said for name, (_, said) in (PARTS | SHEETS).items()} | {
        "one text again and again": "holds more text than is read"
    }


def archives(folder: Path) -> dict[str, str]:
    (folder / "an old one").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5_000)
    bomb(folder / "a bomb", n_megabytes=100)
    bomb(folder / "a bomb that claims 2 GB", n_megabytes=1, claimed=2_000_000_000)
    bomb(folder / "a bomb that claims little", n_megabytes=10, claimed=1_000)
    with zipfile.ZipFile(folder / "a zip of something", "w") as made:
        made.writestr("x.csv", "title\n")
    with zipfile.ZipFile(folder / "packed by lzma", "w", zipfile.ZIP_LZMA) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
    with zipfile.ZipFile(folder / "many members", "w") as made:
        for n in range(30_000):
            made.writestr(f"xl/{n}", "")
    whole = archive(folder / "whole").read_bytes()
    (folder / "cut off").write_bytes(whole[: len(whole) // 2])
    (folder / "changed within").write_bytes(whole[:60] + bytes([whole[60] ^ 255]) + whole[61:])
    encrypted = bytearray(whole)
    for at in range(len(whole)):
        if whole[at : at + 4] == b"PK\x01\x02":
            encrypted[at + 8] |= 1
    (folder / "encrypted").write_bytes(bytes(encrypted))
    return {
        "an old one": "This is an old Excel file (.xls), or one with a password.",
        "a bomb": "0 rows, 2 problems",
        "a bomb that claims 2 GB": "The workbook unpacks to more than 512 MB.",
        "a bomb that claims little": DAMAGED,
        "a zip of something": "This is a zip file or another kind of document.",
        "packed by lzma": DAMAGED,
        "many members": DAMAGED,
        "whole": "0 rows, 2 problems",
        "cut off": DAMAGED,
        "changed within": DAMAGED,
        "encrypted": "The workbook is encrypted.",
    }


@pytest.mark.parametrize("make", [csv_files, json_files, workbooks, archives])
def test_hostile_files_are_refused_in_bounded_time_and_memory(tmp_path: Path, make) -> None:
    expected = make(tmp_path)
    script = Path(__file__).with_name("hostile.py")
    names = [str(tmp_path / name) for name in expected]
    ran = subprocess.run(
        [sys.executable, script, *names],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    for one in sorted(found, key=lambda one: -one["seconds"])[:5]:
        print(one)  # noqa: T201 - for whoever measures (-s)
    assert {one["file"]: one["said"] for one in found if expected[one["file"]] not in one["said"]} == {}
    assert len(found) == len(expected)
    assert max(one["seconds"] for one in found) < SLOWEST
