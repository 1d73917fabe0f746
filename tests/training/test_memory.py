"""What a training holds beside its table, in counted bytes and rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashapp.datasets import table as tables
from dashapp.datasets.dataset import Task
from dashapp.training import conclude, fit
from dashapp.training.conclude import Sizes
from dashapp.training.families.boosting import Boosting
from dashapp.training.features import boosting_features, input_frame
from dashapp.training.material import prepared
from dashapp.training.progress import Reporter
from dashapp.training.race.trial import FoldRun, Trial
from tests.training.tables import mixed_plan, mixed_table

PLAN = mixed_plan(Task.BINARY)


def _typed() -> pd.DataFrame:
    return input_frame(mixed_table(), PLAN.features)


def test_the_frame_shares_the_memory_of_a_typed_table() -> None:
    table = _typed()
    frame = input_frame(table, PLAN.features)
    numbers = [column.name for column in PLAN.features if column.kind.is_numeric]
    assert numbers and all(np.shares_memory(frame[name].to_numpy(), table[name].to_numpy()) for name in numbers)


def test_a_column_with_an_infinite_number_is_a_copy_and_the_table_stays() -> None:
    table = _typed()
    name = next(column.name for column in PLAN.features if column.kind.is_numeric)
    table[name] = table[name].where(table.index != 0, np.inf)
    frame = input_frame(table, PLAN.features)
    assert np.isnan(frame.loc[0, name]) and table.loc[0, name] == np.inf


def test_all_rows_of_the_material_are_no_copy() -> None:
    material = prepared(mixed_table(), PLAN, Reporter(lambda progress: None, ()))
    assert material.rows(np.arange(len(material.frame))) is material.frame
    assert len(material.rows(material.test)) == len(material.test)


@pytest.mark.parametrize("cells", [1, 500, 10**9])
def test_a_table_read_a_few_columns_at_a_time_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    frame = _typed().rename(columns={PLAN.features[0].name: 'a.b "c" 😀'})
    frame.to_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(tables, "_CELLS_READ_AT_ONCE", cells)
    pd.testing.assert_frame_equal(tables.read_frame(tmp_path / "t.parquet"), pd.read_parquet(tmp_path / "t.parquet"))


def test_shared_labels_are_encoded_as_the_texts_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "MANY_ROWS", 1)
    frame, y = _typed(), np.arange(240) % 2
    shared = fit.with_shared_labels(frame, PLAN)
    changed = [name for name in frame if shared[name].dtype != frame[name].dtype]
    assert changed and {str(shared[name].dtype) for name in changed} == {"category"}
    encoded = [boosting_features(PLAN.features, Task.BINARY).fit(each, y).transform(frame) for each in (frame, shared)]
    np.testing.assert_array_equal(*encoded)


def test_predictions_in_portions_are_those_of_all_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Model:
        def predict(self, frame: pd.DataFrame) -> np.ndarray:
            asked.append(len(frame))
            return frame["x"].to_numpy() * 2

    monkeypatch.setattr(fit, "ROWS_AT_ONCE", 4)
    frame = pd.DataFrame({"x": np.arange(10.0)})
    np.testing.assert_array_equal(fit.predicted(Task.REGRESSION, Model(), frame), frame["x"] * 2)  # type: ignore[arg-type]
    assert asked == [4, 4, 2]


def _trial(rows: int, row_bytes: float, seconds: float) -> Trial:
    run = FoldRun(rows, 10, 0.0, seconds, [10], [0.5], [{"n_estimators": 10}], [seconds], {0: np.zeros((10, 2))}, row_bytes)
    return Trial(Boosting(PLAN), {}, 1, 1, False, runs=[run])


@pytest.mark.parametrize(("frame_bytes", "least", "most"), [(170_000_000, 300_000, 600_000), (1_000_000, 1_000_000, np.inf)])
def test_the_final_fits_hold_as_many_rows_as_fit_beside_the_table(frame_bytes: int, least: int, most: float) -> None:
    material = prepared(mixed_table(), PLAN, Reporter(lambda progress: None, ()))
    material = replace(material, frame_bytes=frame_bytes, frame=pd.DataFrame({"x": np.zeros(1_000_000)}))
    rows = conclude._holdable([(_trial(100, 160.0, 1.0), 1.0)], material)
    assert least <= rows <= most


def test_fewer_rows_than_were_raced_only_where_the_spare_time_is_over_too() -> None:
    members, sizes = [(_trial(10_000, 8.0, 4.0), 1.0)], Sizes(40_000, 50_000, None)
    within = [conclude._affordable(members, sizes, 1, 5.0, spare, 10**9).both[0] for spare in (0.0, 5.0, 50.0)]
    assert within[0] < within[1] <= within[2] <= 10_000
    assert conclude._affordable(members, sizes, 1, 1e9, 0.0, 10**9).most is None
    assert conclude._affordable(members, sizes, 1, 1e9, 0.0, 3_000).both == (3_000, 3_000)
