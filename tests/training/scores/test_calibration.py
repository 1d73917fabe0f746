"""The temperature is found where there is one, and left alone where rows show none."""

from __future__ import annotations

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.training.parts import tempered
from dashapp.training.scores import calibration, measures
from tests.training.scores.made import of_many, of_two


@pytest.mark.parametrize("sureness", [0.5, 1.5, 3.0])
def test_the_temperature_that_was_put_in_is_found(sureness: float) -> None:
    y, output = of_two(3_000, 0.3, 1.5, seed=1, sureness=sureness)
    found = calibration.temperature(y, output)
    assert found == pytest.approx(sureness, rel=0.15)
    y, output = of_two(20_000, 0.3, 1.5, seed=2, sureness=sureness)
    mended = tempered(output, found)
    assert measures.loss(Task.BINARY, y, mended) < measures.loss(Task.BINARY, y, output) - 0.01


def test_what_is_right_is_left_as_it_is() -> None:
    assert sum(calibration.temperature(*of_two(500, 0.3, 1.5, seed)) != 1.0 for seed in range(40)) <= 4


@pytest.mark.parametrize(("sureness", "bound"), [(20.0, calibration.HOTTEST), (0.05, calibration.COOLEST)])
def test_it_stays_within_its_bounds(sureness: float, bound: float) -> None:
    assert calibration.temperature(*of_two(2_000, 0.4, 1.5, seed=1, sureness=sureness)) == pytest.approx(bound, rel=1e-3)


def test_few_rows_show_nothing() -> None:
    y, output = of_two(49, 0.4, 1.5, seed=1, sureness=6.0)
    assert calibration.temperature(y, output) == 1.0


def test_certain_and_wrong_is_made_less_certain() -> None:
    y, output = of_many(300, 4, 1.0, seed=1)
    sure = np.eye(4)[output.argmax(axis=1)]
    assert calibration.temperature(y, sure) == pytest.approx(calibration.HOTTEST, rel=1e-3)


def test_tempered_rows_add_up_and_keep_their_order() -> None:
    _, output = of_many(200, 200, 3.0, seed=1)
    for value in (0.25, 0.9, 4.0):
        mended = tempered(output, value)
        assert mended.sum(axis=1) == pytest.approx(np.ones(200))
        assert (mended.argmax(axis=1) == output.argmax(axis=1)).all()
    assert tempered(output, 1.0) is output
    assert tempered(np.array([[0.8, 0.2], [1.0, 0.0]]), 0.5).tolist() == [
        [pytest.approx(16 / 17), pytest.approx(1 / 17)],
        [pytest.approx(1), pytest.approx(0, abs=1e-30)],
    ]


def test_reliability_of_the_rarer_of_two() -> None:
    y, output = of_two(5_000, 0.3, 1.5, seed=1)
    (line,) = calibration.reliability(y, output, ("no", "yes"))
    assert line.name == "yes" and line.rows == (500,) * 10
    assert list(line.x) == sorted(line.x)
    assert np.abs(np.array(line.x) - line.y).max() < 0.08
    (other,) = calibration.reliability(y, output, ("no", "yes"), rarer=0)
    assert other.name == "no"
    error = calibration.error([line])
    assert error is not None and error < 0.03


def test_reliability_of_what_is_called_of_many() -> None:
    y, output = of_many(2_000, 5, 1.0, seed=1)
    (line,) = calibration.reliability(y, output, tuple("abcde"))
    assert np.average(line.x, weights=line.rows) == pytest.approx(output.max(axis=1).mean())
    assert np.average(line.y, weights=line.rows) == pytest.approx((output.argmax(axis=1) == y).mean())


def test_too_sure_shows() -> None:
    lines = calibration.reliability(*of_two(5_000, 0.3, 1.5, seed=1, sureness=4.0), ("no", "yes"))
    error = calibration.error(lines)
    assert error is not None and error > 0.06


@pytest.mark.parametrize(("rows", "bins"), [(1, 1), (19, 1), (35, 3), (100, 10)])
def test_few_rows_make_few_bins(rows: int, bins: int) -> None:
    (line,) = calibration.reliability(*of_two(rows, 0.5, 1.0, seed=1), ("no", "yes"))
    assert len(line.rows) == bins and sum(line.rows) == rows


def test_equal_probabilities_share_a_bin() -> None:
    y, _ = of_two(100, 0.5, 1.0, seed=1)
    (line,) = calibration.reliability(y, np.full((100, 2), 0.5), ("no", "yes"))
    assert line.x == (0.5,) and line.rows == (100,)


def test_no_rows_no_line() -> None:
    lines = calibration.reliability(np.empty(0, dtype=int), np.empty((0, 2)), ("no", "yes"))
    assert lines == () and calibration.error(lines) is None
