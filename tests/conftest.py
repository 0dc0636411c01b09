"""What all tests share: which of them keep together, and an engine that reads no page twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.remembering import RememberingOcr, make_remembering_ocr

# Beside other processes an example may take its time: seconds are no finding. The same tree
# passes or fails alike wherever it is tested; `make soak` looks at examples that are new.
settings.register_profile("shared", deadline=None, derandomize=True)
settings.register_profile("soak", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "shared"))

_TOGETHER = dict.fromkeys(
    ("tests/desk/test_cli.py", "tests/desk/test_main_job.py", "tests/desk/test_tt01_2023.py"),
    "the station that ran over samples",
)
"""Files whose tests share what is costly to make."""


class _FileByFile(LoadScopeScheduling):  # type: ignore[misc]  # it ships no types
    """Gives processes whole files: what the tests of a file share is made once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _TOGETHER.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share the tests out in the order they are collected in, so that the heavy ones go first."""
    config.option.loadscopereorder = False
    return _FileByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Hear interrupts, and let what tests start hear them: a shell's background jobs do not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
