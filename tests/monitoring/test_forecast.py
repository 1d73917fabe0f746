from __future__ import annotations

import numpy as np
import pytest

from dashapp.monitoring.forecast import Bands, foresee
from tests.monitoring.simulated import DAY_S, HOUR_S, KINDS, Floats, series

POINTS = 480


def cut(kind: str, seed: int, seconds: float) -> tuple[Floats, Floats, Bands]:
    """A series, and what is foreseen of its last quarter from the rest."""
    at, values = series(kind, seed, seconds * 4 / 3, POINTS * 4 // 3)
    bands = foresee(at[:POINTS].tolist(), values[:POINTS].tolist())
    assert bands is not None
    return at, values, bands


def held(at: Floats, values: Floats, bands: Bands) -> float:
    """The share of what came, at the distance of the forecast's points, that the bands held."""
    half = (bands.at[1] - bands.at[0]) / 2
    came = [values[(at >= each - half) & (at < each + half)] for each in bands.at]
    inside = [low <= np.median(part) <= high for part, low, high in zip(came, bands.low, bands.high, strict=True) if len(part)]
    return float(np.mean(inside))


@pytest.mark.parametrize("kind", KINDS)
def test_a_band_of_80_percent_holds_70_to_90(kind: str) -> None:
    lengths = [3 * HOUR_S, 12 * HOUR_S, 3 * DAY_S, 14 * DAY_S] if kind != "season" else [3 * DAY_S, 14 * DAY_S]
    shares = [held(*cut(kind, seed, lengths[seed % len(lengths)])) for seed in range(60)]
    assert 0.7 <= np.mean(shares) <= 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_the_coverage_that_is_told_is_the_one_that_comes(kind: str) -> None:
    found = [cut(kind, seed, 3 * DAY_S) for seed in range(40)]
    told = [bands.coverage for _, _, bands in found if bands.coverage is not None]
    assert len(told) > 30
    assert abs(np.mean(told) - np.mean([held(*each) for each in found])) < 0.12  # a step that nobody could see coming is not in it


def test_flat_noise_has_no_slope() -> None:
    slopes = [cut("noise", seed, 6 * HOUR_S)[2].slope for seed in range(300)]
    assert sum(slope != 0 for slope in slopes) <= 3


def test_a_clear_trend_has_one() -> None:
    at = np.arange(360) * 60.0
    values = 1e10 - 2e5 * at + np.random.default_rng(0).normal(0, 5e6, len(at))
    bands = foresee(at.tolist(), values.tolist())
    assert bands is not None and bands.method == "trend"
    assert bands.slope == pytest.approx(-2e5, rel=0.02)


def test_a_daily_season_is_repeated() -> None:
    assert cut("season", 1, 3 * DAY_S)[2].method == "season"


def test_bounds_are_kept() -> None:
    at = np.arange(300) * 60.0
    bands = foresee(at.tolist(), np.linspace(99, 1, 300).tolist(), 0.0, 100.0)
    assert bands is not None
    assert bands.low.min() >= 0 and bands.high.max() <= 100


@pytest.mark.parametrize(
    "values", [[], [None] * 400, [1.0] * 20, [float("nan")] * 400], ids=["nothing", "nothing known", "few", "no numbers"]
)
def test_too_little_past_gives_nothing(values: list[float | None]) -> None:
    assert foresee([60.0 * at for at in range(len(values))], values) is None


def test_gaps_and_a_constant_are_no_trouble() -> None:
    values: list[float | None] = [7.0] * 400
    values[100:200] = [None] * 100
    bands = foresee([60.0 * at for at in range(400)], values)
    assert bands is not None
    assert bands.slope == 0 and bands.low.min() == bands.high.max() == 7.0
