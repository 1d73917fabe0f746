"""Each family with each task, trained once for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from dashapp.datasets.dataset import Task
from dashapp.training.run import TrainedModel
from tests.training.tables import trained

FAMILIES = ("regression", "Random forest", "Gradient boosting")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Boosting's own predictions wait for each other's threads where the cores are busy."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session", params=[(task, family) for task in Task for family in FAMILIES], ids=lambda pair: f"{pair[0]}-{pair[1]}")
def model(request: pytest.FixtureRequest) -> TrainedModel:
    task, family = request.param
    return trained(task, family)


@pytest.fixture(scope="session")
def binary() -> TrainedModel:
    return trained(Task.BINARY, "Gradient boosting")
