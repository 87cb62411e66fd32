"""Collection files that somebody uploads: put where `collections.load` reads them, for as long as it does."""

import hashlib
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from testimonies.access import Actor
from testimonies.errors import RejectedFile
from testimonies.services import collections
from testimonies.services.loading.report import Report

MOST_BYTES = 32 * 1024 * 1024
"""Of all files together, unpacked."""
MOST_FILES = 100
KINDS = frozenset({".json", ".jsonl"})

Upload = tuple[str, IO[bytes]]
"""A file's name and its content, from the beginning."""


def load(uploads: Iterable[Upload], *, by: Actor, dry_run: bool, overwrite: bool = False) -> Report:
    """The files of one folder, or one zip of it. They lie in a folder of their own, which is gone afterwards.

    Errors  RejectedFile with every problem; Forbidden.
    """
    with tempfile.TemporaryDirectory(prefix="testimonies-") as name:  # made with mode 0700
        folder = Path(name)
        for file, data in _files(uploads):
            (folder / file).write_bytes(data)
        return collections.load(path=folder, by=by, dry_run=dry_run, overwrite=overwrite)


def digest(uploads: Iterable[Upload]) -> str:
    """The same for the same files, in whatever order: what was checked is what is loaded."""
    files = sorted((name, hashlib.sha256(data).hexdigest()) for name, data in _files(uploads))
    return hashlib.sha256(repr(files).encode()).hexdigest()


def _files(uploads: Iterable[Upload]) -> Iterator[tuple[str, bytes]]:
    """Plain names and contents of what can be read. Errors: RejectedFile."""
    left, names = MOST_BYTES, set[str]()
    for name, stream in _members(list(uploads)):
        data = stream.read(left + 1)
        left -= len(data)
        if left < 0:
            raise RejectedFile(
                [f"The files hold more than {MOST_BYTES // 1024 // 1024} MB together. Load a part of them."]
            )
        if name in names:
            raise RejectedFile(["Two files have the same name. Name each only once."])
        if len(names) == MOST_FILES:
            raise RejectedFile([f"There are more than {MOST_FILES} files. Load a part of them."])
        names.add(name)
        yield name, data


def _members(uploads: list[Upload]) -> Iterator[Upload]:
    for name, stream in uploads:
        stream.seek(0)
        if name.lower().endswith(".zip"):
            if len(uploads) > 1:
                raise RejectedFile(["Send one zip file alone, or the files of the folder without it."])
            yield from _unpacked(stream)
        elif PurePosixPath(name).suffix not in KINDS or not _is_plain(name):
            raise RejectedFile(["Send .json and .jsonl files, or one .zip file that holds them."])
        else:
            yield name, stream


def _unpacked(stream: IO[bytes]) -> Iterator[Upload]:
    """The collection files of a zip, whichever one folder they lie in. Nothing is written where the zip says."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [member for member in archive.infolist() if PurePosixPath(member.filename).suffix in KINDS]
            if len({str(PurePosixPath(member.filename).parent) for member in members}) > 1:
                raise RejectedFile(["The zip holds collection files in several folders. Zip one folder."])
            for member in members:
                name = PurePosixPath(member.filename).name
                if not _is_plain(name) or stat.S_ISLNK(member.external_attr >> 16):
                    raise RejectedFile(["The zip holds something that is no plain file. Zip the folder anew."])
                with archive.open(member) as content:
                    yield name, content
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise RejectedFile(["The zip cannot be read. Zip the folder anew, without a password."]) from None


def _is_plain(name: str) -> bool:
    return (
        bool(name)
        and not name.startswith(".")
        and not set(name) & set("/\\\0:")
        and name.isprintable()
        and len(name) <= 100
    )
