"""The zip file that a workbook is, and the XML within: read piece by piece, with a bound on everything.

What the zip says of itself is checked first, and what comes out of it is counted all the same. Nothing is unpacked to where
the zip says, and nothing outside of it is fetched.
"""

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from testimonies.services.importing.tables import MOST_BYTES, refused

MOST_MEMBERS = 2_000
MOST_DEPTH = 30
MOST_ELEMENTS = 20_000_000
"""Of one member: a sheet of 50,000 rows and 25 columns has 2.5 million."""
MOST_LISTED = 200_000
"""Of one member that is kept as a list."""
MOST_IN_TOKEN = 4 * 1024 * 1024
"""A tag with its attributes, or a comment: the parser keeps it as a whole."""
_MOST_IN_DIRECTORY = 1024 * 1024
_CHUNK = 16 * 1024
_KINDS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others are unpacked without a bound
_ENCRYPTED = 0x1
DAMAGED = "The workbook is damaged. Open it in a spreadsheet program and save it anew as .xlsx."
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
)

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class _File(FileIO):
    """`zipfile` reads the directory of an archive at once, however large it says that it is."""

    def read(self, size: int | None = -1) -> bytes:
        most = _MOST_IN_DIRECTORY + 1
        data = super().read(most if size is None or size < 0 else min(size, most))
        if len(data) > _MOST_IN_DIRECTORY:
            raise zipfile.BadZipFile("a directory without measure")
        return data


class Archive:
    """Members of a zip file. Errors of all methods: RejectedFile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._opened() as archive:
            members = archive.infolist()
            self.names = [member.filename for member in members]
            if len(members) > MOST_MEMBERS or len(set(self.names)) < len(members):
                raise refused(DAMAGED)
            if any(not _is_plain(member) for member in members):
                raise refused("The workbook names files outside of itself. Save it anew as .xlsx.")
            if any(member.flag_bits & _ENCRYPTED for member in members):
                raise refused("The workbook is encrypted. Save it without a password.")
            if sum(member.file_size for member in members) > MOST_BYTES:
                raise _too_large()

    def chunks(self, name: str) -> Iterator[bytes]:
        """What a member holds. More than is allowed is refused as soon as it comes, whatever the zip says."""
        left = MOST_BYTES
        try:
            with self._opened() as archive, archive.open(name) as member:
                while chunk := member.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise _too_large()
                    yield chunk
        except KeyError:
            raise refused(DAMAGED) from None
        except _BROKEN:
            raise refused(DAMAGED) from None

    def elements(self, name: str) -> list[tuple[str, dict[str, str]]]:
        """The elements of a small member, in order. Names are without prefix."""
        found: list[tuple[str, dict[str, str]]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if len(found) == MOST_LISTED:
                raise refused(DAMAGED)
            found.append((name, {key[key.rfind(":") + 1 :]: value for key, value in attributes.items()}))

        for _ in self.parse(name, start, _nothing, _nothing):
            pass
        return found

    def parse(self, name: str, start: Start, end: End, characters: Callable[[str], None]) -> Iterator[None]:
        """Calls the three for what the member holds, by names without prefix; a step for each piece that was read."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        depth = n_elements = n_read = 0

        def started(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth, n_elements
            depth += 1
            n_elements += 1
            if depth > MOST_DEPTH or n_elements > MOST_ELEMENTS:
                raise refused("The workbook has more cells, or deeper ones, than are read. Import it in parts.")
            start(name[name.rfind(":") + 1 :] if ":" in name else name, attributes)

        def ended(name: str) -> None:
            nonlocal depth
            depth -= 1
            end(name[name.rfind(":") + 1 :] if ":" in name else name)

        parser.StartElementHandler, parser.EndElementHandler = started, ended
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = characters, _refuse_doctype
        try:
            for chunk in self.chunks(name):
                parser.Parse(chunk, False)
                n_read += len(chunk)
                if n_read - parser.CurrentByteIndex > MOST_IN_TOKEN:
                    raise refused(DAMAGED)
                yield None
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError):
            raise refused(DAMAGED) from None
        yield None

    def _opened(self) -> zipfile.ZipFile:
        file = _File(self._path)
        try:
            archive = zipfile.ZipFile(file)
            if any(member.compress_type not in _KINDS for member in archive.infolist()):
                raise zipfile.BadZipFile("packed as no workbook is")
        except _BROKEN:
            file.close()
            raise refused(DAMAGED) from None
        archive.close = file.close  # type: ignore[method-assign]  # it leaves a file open that it did not open itself
        return archive


def _is_plain(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    return not path.is_absolute() and ".." not in path.parts and not stat.S_ISLNK(member.external_attr >> 16)


def _too_large() -> Exception:
    return refused(f"The workbook unpacks to more than {MOST_BYTES // 1024 // 1024} MB. Import it in parts, or as CSV.")


def _nothing(_: str) -> None: ...


def _refuse_doctype(*_: object) -> None:
    raise refused("The workbook holds a document type declaration, which no spreadsheet program writes. Save it anew.")
