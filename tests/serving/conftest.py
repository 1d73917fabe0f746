"""Each kind of estimator with each task, and blends of them, fitted once for all tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from dashapp.datasets.dataset import Task
from dashapp.training.result import TrainedModel
from tests.serving.blends import KINDS, a_blend

MODELS = [(task, (kind,)) for task in Task for kind in KINDS] + [(task, ("linear", "forest", "boosting")) for task in Task]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Predictions of boosted trees wait for each other's threads where the cores are busy."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session", params=MODELS, ids=lambda pair: f"{pair[0]}-{'+'.join(pair[1])}")
def model(request: pytest.FixtureRequest) -> TrainedModel:
    task, kinds = request.param
    return a_blend(task, *kinds, temperature=1.0 if len(kinds) == 1 else 0.8)


@pytest.fixture(scope="session")
def binary() -> TrainedModel:
    return a_blend(Task.BINARY, "linear", "boosting")
