"""Values as the cells of a spreadsheet, and back. What a spreadsheet would run is made harmless and comes back unchanged."""

from collections.abc import Iterable

_RUNS = frozenset("=+-@\t\r\n'＝＋－＠")
"""A cell that begins with one of these may be taken for a formula; the apostrophe is ours, so it is marked too."""
_MARK, _BETWEEN = "'", "; "


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet runs: with an apostrophe before it where it could."""
    return _MARK + text if text[:1] in _RUNS else text


def original(cell: str) -> str:
    """The text of a cell that `harmless` made. A cell that somebody typed is left as it is."""
    return cell[1:] if cell[:1] == _MARK and cell[1:2] in _RUNS else cell


def joined(values: Iterable[str]) -> str:
    """Several values in one cell: `a; b`, with a backslash before a semicolon or backslash of theirs."""
    return _BETWEEN.join(value.replace("\\", "\\\\").replace(";", "\\;") for value in values)


def parted(cell: str) -> list[str]:
    """The values of a cell, without the blanks around them; none of an empty one."""
    values, value, escaped = [], "", False
    for character in cell:
        if character == ";" and not escaped:
            values.append(value)
            value = ""
        elif character == "\\" and not escaped:
            escaped = True
            continue
        else:
            value += character
        escaped = False
    return [text for text in map(str.strip, [*values, value]) if text]
