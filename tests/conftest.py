"""What all tests share: which of them keep together, and an engine that reads no page twice."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.remembering import RememberingOcr, make_remembering_ocr

# Beside other processes an example may take its time: seconds are no finding.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

_COSTLY = ("ran", "ran_flat", "samples", "bench")
"""Fixtures that are made once for many files: whoever makes one runs all tests with it."""


@pytest.hookimpl(tryfirst=True)  # the sharer looks at the groups in the same hook
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name the group of each test: the costly fixture that it needs, else its file."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        names = getattr(item, "fixturenames", ())
        group = next((name for name in _COSTLY if name in names), item.path.stem)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session", autouse=True)
def remembering_ocr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RememberingOcr]:
    """Read each page once in a run, whichever process asks first."""
    own = tmp_path_factory.getbasetemp()
    # Beside other processes, a process has a folder of its own below that of the whole run.
    whole_run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = make_remembering_ocr(own / "tesseract", whole_run / "read-pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{made.folder}:{os.environ['PATH']}")
        yield made
