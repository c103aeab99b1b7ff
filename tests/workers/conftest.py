from __future__ import annotations

from collections.abc import Iterator

import pytest

from translator.workers.launch import Worker


@pytest.fixture(scope="session")
def torch_worker() -> Iterator[Worker]:
    with Worker("torch") as worker:
        yield worker


@pytest.fixture(scope="session")
def paddle_worker() -> Iterator[Worker]:
    with Worker("paddle") as worker:
        yield worker
