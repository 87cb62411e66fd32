"""XLSX."""

from collections.abc import Iterator
from pathlib import Path

from testimonies.services.importing.tables import Notes, Options, Row, refused


class Workbook:
    """A Table of one sheet of a workbook."""

    is_json = False

    def __init__(self, path: Path, options: Options) -> None:
        self.notes = Notes(sheet=options.sheet)
        self._path = path
        self.columns: list[str] = []
        raise refused("XLSX is not read yet. Save the sheet as CSV.")

    def __iter__(self) -> Iterator[Row]:
        yield from ()
