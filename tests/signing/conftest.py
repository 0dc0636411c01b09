from __future__ import annotations

from collections.abc import Iterator

import pytest

from desk.demo.pki import Services, create
from signing.trust import load_trust
from tests.signing.workbench import Workbench, free_port, now


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("authority")
    create(folder, port=free_port(), at=now())
    with Services(folder) as services:
        yield Workbench(
            folder=folder,
            services=services,
            trust=load_trust(folder / "trust"),
            work=tmp_path_factory.mktemp("signed"),
        )
