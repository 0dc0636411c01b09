from __future__ import annotations

import pytest

from digitize.ocr import limit_threads
from tests.digitize.workbench import TRUTHS, Sample, read_samples


@pytest.fixture(scope="session", autouse=True)
def _one_thread_each() -> None:
    limit_threads()


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sample]:
    """Every sample that can be read, read once for the whole session."""
    readable = [truth for truth in TRUTHS if truth["expect"] != "error"]
    return read_samples(readable, tmp_path_factory.mktemp("samples"))
