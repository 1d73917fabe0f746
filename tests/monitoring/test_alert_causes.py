from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dashapp.models.model import Deployment, DeploymentAction
from dashapp.monitoring import alert_causes as causes
from dashapp.monitoring.alert_causes import Clue, Folder, cause_of
from dashapp.monitoring.told import Cause, Link, LinkKind
from dashapp.monitoring.traffic import Failure

NOW = 1_800_000_000.0
GB = 10**9


def test_nothing_is_invented() -> None:
    assert cause_of([]) == Cause(causes.NOTHING_FOUND)


def test_the_first_clue_is_the_cause_and_the_others_its_evidence() -> None:
    link = Link(LinkKind.RUN, "r", "x")
    cause = cause_of([Clue("a", ("b",), (link,)), Clue("c", ("d",), (link,))])
    assert cause == Cause("a", ("b", "c", "d"), (link,))


def test_the_most_frequent_failure_is_named() -> None:
    failures = [Failure(503, "/api/predict", "10.0.0.7", 3), Failure(507, "/api/datasets", "10.0.0.9", 1200)]
    (clue,) = causes.of_failures(failures)
    assert clue.words == "Most of it is /api/datasets answering 507 to 10.0.0.9: 1,200 of 1,203 failed requests"
    assert clue.evidence == ("3 x 503 at /api/predict to 10.0.0.7",)
    assert causes.of_failures([]) == []


def deployment(ago_s: float, action: DeploymentAction = DeploymentAction.DEPLOY, replaced: int | None = 2) -> Deployment:
    return Deployment(
        id=1, model_id="m3", version=3, action=action, at=datetime.fromtimestamp(NOW - ago_s, UTC), restores=None, by="", reason="",
        replaced=replaced, checks=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], None),
        ([deployment(causes.JUST_BEFORE_S + 1)], None),
        ([deployment(-5)], None),
        ([deployment(40)], "Version 3 was deployed in place of version 2 40 s before"),
        ([deployment(300, DeploymentAction.ROLLBACK, None)], "Version 3 was put back 5 min before"),
    ],
)
def test_a_deployment_counts_where_it_came_just_before(given: list[Deployment], words: str | None) -> None:
    assert [clue.words for clue in causes.of_deployment(given, NOW)] == ([] if words is None else [words])


@pytest.mark.parametrize(
    ("now", "usual", "is_rise"), [(None, 5, False), (200, None, False), (200, 150, False), (50, 1, False), (300, 150, True), (60, 0, True)]
)
def test_a_rise_of_requests_must_be_one(now: float | None, usual: float | None, is_rise: bool) -> None:
    assert bool(causes.of_requests(now, usual)) is is_rise


def process(pid: int, memory_bytes: int, **more: Any) -> dict[str, Any]:
    return {"role": "web worker", "name": "gunicorn", "pid": pid, "run": None, "memory_bytes": memory_bytes, **more}


def test_the_process_that_holds_most_is_named() -> None:
    (clue,) = causes.of_processes([process(1, GB), process(2, 6 * GB)], 10 * GB, {})
    assert clue.words == "Web worker (process 2) holds 6.0 GB of 10 GB in use"
    assert clue.evidence == ("web worker (process 1) holds 1.0 GB",)


def test_what_others_hold_is_not_blamed_on_ours() -> None:
    (clue,) = causes.of_processes([process(1, GB)], 10 * GB, {})
    assert clue.words == "Most of it is held by other programs: 9.0 GB of 10 GB in use"


@pytest.mark.parametrize(("processes", "used"), [((), GB), ([process(1, GB)], None), ([process(1, 0)], GB)])
def test_without_figures_no_process_is_named(processes: Any, used: float | None) -> None:
    assert causes.of_processes(processes, used, {}) == []


def test_the_folder_that_grew_most_is_named_with_what_came_last() -> None:
    newest = Link(LinkKind.DATASET, "d1", "big.csv")
    folders = [Folder("the models", GB, GB // 10), Folder("the datasets", 5 * GB, 3 * GB, newest)]
    (clue,) = causes.of_folders(folders, 8 * GB)
    assert clue.words == "The datasets grew by 3.0 GB within a day"
    assert clue.evidence == ("the newest of them: big.csv", "the datasets take 5.0 GB", "the models take 1.0 GB")
    assert clue.links == (newest,)


@pytest.mark.parametrize(
    ("folders", "used", "words"),
    [
        ([Folder("the models", GB, GB)], 80 * GB, "Most of it is not this dashboard's: its own files take 1.0 GB of 80 GB"),
        ([Folder("the models", GB, 0)], GB, "None of this dashboard's files grew within a day"),
    ],
)
def test_a_disk_that_others_fill_is_said_to_be(folders: list[Folder], used: float, words: str) -> None:
    assert [clue.words for clue in causes.of_folders(folders, used)] == [words]


def test_no_files_no_clue() -> None:
    assert causes.of_folders([], None) == []
