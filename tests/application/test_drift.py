"""Drift of real models: from the table that they learned from and the ledger to a verdict."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashapp.application.deployment import deploy_model
from dashapp.application.drift import drift_history, latest_drift, make_reference, measure_drift, window_of
from dashapp.application.ledger import open_ledger
from dashapp.application.services import Services
from dashapp.datasets.dataset import ColumnKind, Reading
from dashapp.models.artifact_format import load
from dashapp.monitoring.drift import measured
from dashapp.monitoring.reference import reference_of
from dashapp.serving.answered import Answered, Source
from dashapp.serving.ledger.kept import KeptPrediction
from dashapp.serving.live import LiveModel
from dashapp.training.features import to_frame
from dashapp.training.run import InputColumn
from tests.conftest import DATA

FLOWERS: list[dict[str, Any]] = pd.read_csv(DATA / "iris.csv").drop(columns="species").to_dict("records")


@dataclass
class Live:
    """The first of two models is live, and a ledger keeps what it is asked."""

    services: Services

    def __post_init__(self) -> None:
        self.second, self.first = self.services.models.all()
        deploy_model(self.services, self.first.id)

    def ask(self, rows: Sequence[Any], at: float | None = None) -> None:
        services = self.services
        live = LiveModel(services.models, services.deployments, services.predictors)
        live.refresh()
        assert live.current is not None
        ledger = open_ledger(services)
        ledger.start()
        said = live.current.predictor.predict(rows)
        at = time.time() if at is None else at
        ledger.keep(Answered(f"{at}", at, live.current.model_id, live.current.version, Source.JSON, list(rows), said, 1.0, 2.0))
        ledger.stop()


@pytest.fixture
def live(install: Services) -> Iterator[Live]:
    yield Live(install)


def test_there_is_no_drift_of_nothing(install: Services) -> None:
    assert measure_drift(install, time.time()) is None and latest_drift(install) is None
    live = Live(install)
    assert measure_drift(install, time.time()) is None and latest_drift(install) is None
    assert latest_drift(install, live.second.id) is None and drift_history(install, "nobody") == []


def test_rows_like_those_of_the_training_do_not_drift(live: Live) -> None:
    live.ask(FLOWERS * 2)
    drift = measure_drift(live.services, time.time())
    assert drift is not None and drift.is_enough and drift.drifting == () and drift.rows == 300
    assert (drift.model_id, drift.version) == (live.first.id, 1)
    assert [each.column for each in drift.columns] == [column.name for column in live.first.inputs]
    assert all(each.words.endswith("as in training.") and each.out_of_range_share == 0 for each in drift.columns)
    assert drift.prediction is not None and drift.prediction.column == "predicted species"
    assert latest_drift(live.services) == latest_drift(live.services, live.first.id) == drift


def test_what_changed_is_found_and_what_is_known_already_is_not_measured_again(live: Live) -> None:
    services, now = live.services, time.time()
    live.ask([{**row, "petal_length": str(row["petal_length"] + 3)} for row in FLOWERS])
    first = measure_drift(services, now)
    assert first is not None and {each.column for each in first.drifting} >= {"petal_length"}
    found = next(each for each in first.columns if each.column == "petal_length")
    assert found.words.startswith("petal_length: live values are higher, median 7.") and found.out_of_range_share > 0.3
    assert measure_drift(services, now + 300) is None
    live.ask(FLOWERS)
    second = measure_drift(services, now + 7_200)
    assert second is not None and second.rows == 300
    assert drift_history(services, live.first.id) == [second, first]


def test_few_rows_have_no_verdict_and_old_ones_no_say(live: Live) -> None:
    services, now = live.services, time.time()
    live.ask(FLOWERS[:20])
    few = measure_drift(services, now)
    assert few is not None and not few.is_enough and "20 predictions" in few.words
    live.ask(FLOWERS, at=now + 8 * 86_400)
    later = measure_drift(services, now + 8 * 86_400)
    assert later is not None and later.rows == len(FLOWERS)


def test_a_column_that_callers_leave_out_is_told(live: Live) -> None:
    live.ask([{name: value for name, value in row.items() if name != "sepal_width"} for row in FLOWERS])
    drift = measure_drift(live.services, time.time())
    assert drift is not None
    assert "sepal_width: missing in 100 % of rows, 0 % in training." in [each.words for each in drift.drifting]


def test_what_the_model_has_kept_stands_in_for_a_table_that_is_gone(live: Live) -> None:
    services = live.services
    services.datasets.drop_files(live.first.dataset_id)
    live.ask(FLOWERS * 2)
    drift = measure_drift(services, time.time())
    assert drift is not None and drift.is_enough and drift.drifting == ()
    assert "The table of the training is gone" in drift.words and "30 rows of it" in drift.words


def test_a_table_that_is_read_in_another_way_is_not_what_was_learned_from(live: Live) -> None:
    services = live.services
    dataset = services.datasets.get(live.first.dataset_id)
    found = make_reference(services, live.first)
    assert found is not None and found.words == "" and found.columns[0].rows == 150
    with services.database.write() as transaction:
        services.datasets.update(transaction, replace(dataset, reading=Reading(drop_duplicates=True)))
    assert found.prediction is not None and found.learned is not None and (found.prediction.rows, found.learned.rows) == (30, 150)
    other = make_reference(services, live.first)
    assert other is not None and "read in another way" in other.words


def test_a_model_whose_file_is_damaged_is_compared_by_its_table(live: Live) -> None:
    services = live.services
    path = services.models.folder(live.first.id) / live.first.artifact.file
    path.write_bytes(b"no model")
    found = make_reference(services, live.first)
    assert found is not None and found.prediction is None and len(found.columns) == 4
    services.datasets.drop_files(live.first.dataset_id)
    assert make_reference(services, live.first) is None


def test_of_a_wide_table_fewer_rows_are_looked_at(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashapp.application.drift.MOST_CELLS", 400)
    monkeypatch.setattr("dashapp.application.drift.LEAST_ROWS", 60)
    live.ask(FLOWERS * 2)
    drift = measure_drift(live.services, time.time())
    assert drift is not None and drift.rows == 100 and drift.drifting == ()


NOON = datetime.fromisoformat("2026-11-24T12:00:00+00:00")


def kept(inputs: Any, prediction: Any = 1.0, share: float = 1.0) -> KeptPrediction:
    return KeptPrediction(1, "id", NOON, "m", 1, "json", inputs, prediction, None, None, (), 1.0, share)


def test_rows_that_were_cut_off_or_cannot_be_read_are_left_out(live: Live) -> None:
    whole = FLOWERS[0]
    rows = [
        kept(whole, share=0.5),
        kept({**whole, "note": "x" * 99 + "…"}),
        kept({"sepal_length": 5.0}),
        kept({**whole, "petal_width": "?"}),
    ]
    found = window_of(live.first, rows)
    assert found is not None and [column[0] for column in found.values] == [5.1, 3.5, 1.4, 0.2]
    assert found.weights.tolist()[0] == 2.0 and found.answers[0] == 1.0
    assert window_of(live.first, rows[1:2]) is None and window_of(live.first, []) is None


def test_five_thousand_rows_of_twenty_columns_are_measured_in_no_time(live: Live) -> None:
    """The limit is ten times what it takes, as this machine may be busy."""
    chance = np.random.default_rng(0)
    numbers = [InputColumn(f"n{place}", ColumnKind.NUMBER, minimum=-5.0, maximum=5.0) for place in range(14)]
    labels = tuple(f"label {place}" for place in range(300))
    inputs = (*numbers, *(InputColumn(f"c{place}", ColumnKind.CATEGORY, labels=labels) for place in range(6)))
    drawn = [
        {column.name: float(chance.normal()) if column.kind.is_numeric else str(chance.choice(labels)) for column in inputs}
        for _ in range(5_000)
    ]
    reference = reference_of(to_frame(drawn, inputs), inputs, None)
    model = replace(live.first, inputs=inputs)
    rows = [kept(row) for row in drawn]
    began = time.process_time()
    window = window_of(model, rows)
    assert window is not None and measured("m", 1, inputs, reference, window).drifting == ()
    assert time.process_time() - began < 3.0


@pytest.mark.parametrize("kind", ["boosting", "forest", "linear"])
def test_a_model_of_format_1_is_compared_by_the_rows_that_it_has_kept(live: Live, kind: str) -> None:
    services = live.services
    services.datasets.drop_files(live.first.dataset_id)
    path = services.models.folder(live.first.id) / live.first.artifact.file
    path.write_bytes((DATA.parent / "serving" / "data" / f"format_1_{kind}.zip").read_bytes())
    stored = load(path)
    model = replace(live.first, inputs=stored.inputs, task=stored.task, labels=stored.labels)
    reference = make_reference(services, model)
    assert reference is not None and reference.prediction is None and "rows of it" in reference.words
    answers = "yes" if stored.labels else 1.0
    window = window_of(model, [kept(row, answers) for row in stored.check_rows] * 3)
    assert window is not None and measured(model.id, 1, model.inputs, reference, window).drifting == ()
