from collections.abc import Callable, Iterator

import pytest

from testimonies.services import collections
from testimonies.services.loading.report import Report
from tests.services import folders

Load = Callable[..., Report]


@pytest.fixture
def load(db, tmp_path) -> Iterator[Load]:
    """`load(line(), line("two"), overwrite=True, manifest={...}, files={...})` writes a folder and loads it."""

    def load(*lines, overwrite=False, dry_run=False, manifest=None, files=None) -> Report:
        path = folders.write(tmp_path / "folder", *lines, files=files or {}, manifest=manifest or {})
        return collections.load(path=path, overwrite=overwrite, dry_run=dry_run)

    return load
