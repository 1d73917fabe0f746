"""Forecasts on simulated series: how often the bands hold what comes, and how often flat noise is said to go somewhere.

`python -m benchmarks.monitoring.forecasts [--series 200]`. Exit code 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from dashapp.monitoring.forecast import foresee
from tests.monitoring.simulated import DAY_S, HOUR_S, KINDS, series

POINTS = 480
LENGTHS = (3 * HOUR_S, 12 * HOUR_S, 3 * DAY_S, 14 * DAY_S)
LEAST, MOST = 0.70, 0.90
MOST_SLOPES = 0.01


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=200, help="of each kind")
    count = parser.parse_args().series
    is_kept = True
    for kind in KINDS:
        began = time.perf_counter()
        lengths = LENGTHS[2:] if kind == "season" else LENGTHS
        shares, told, slopes = zip(*(_one(kind, seed, lengths[seed % len(lengths)]) for seed in range(count)), strict=True)
        share, slope = float(np.mean(shares)), float(np.mean(slopes))
        is_good = LEAST <= share <= MOST and (kind != "noise" or slope <= MOST_SLOPES)
        is_kept &= is_good
        took_ms = (time.perf_counter() - began) / count * 1e3
        print(
            f"{kind:8} bands of 80 % held {share:.1%} (told {np.nanmean(told):.1%}), a slope was told in {slope:.1%}, "
            f"{took_ms:.0f} ms each{'' if is_good else '  NOT AS PROMISED'}",
            flush=True,
        )
    return int(not is_kept)


def _one(kind: str, seed: int, seconds: float) -> tuple[float, float, bool]:
    at, values = series(kind, seed, seconds * 4 / 3, POINTS * 4 // 3)
    bands = foresee(at[:POINTS].tolist(), values[:POINTS].tolist())
    if bands is None:
        raise ValueError(f"nothing was foreseen of {kind} {seed}")
    half = (bands.at[1] - bands.at[0]) / 2
    came = [values[(at >= each - half) & (at < each + half)] for each in bands.at]
    held = [low <= np.median(part) <= high for part, low, high in zip(came, bands.low, bands.high, strict=True) if len(part)]
    return float(np.mean(held)), np.nan if bands.coverage is None else bands.coverage, bands.slope != 0


if __name__ == "__main__":
    sys.exit(main())
