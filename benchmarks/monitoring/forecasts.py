"""Forecasts on simulated series: how often the bands hold what comes, and how often flat noise is said to reach a limit.

`python -m benchmarks.monitoring.forecasts [--series 100]`. Exit code 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from dashapp.monitoring.reach import WINDOWS_S, find_fall
from tests.monitoring.simulated import KINDS, LENGTHS_S, held, series

LEAST, MOST = 0.70, 0.90
FLAT, MOST_REACHES = 1000, 0.01


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100, help="of each kind and length")
    count = parser.parse_args().series
    is_kept = True
    for kind in KINDS:
        began = time.perf_counter()
        found = [[held(kind, seed, length) for seed in range(count)] for length in LENGTHS_S]
        took_ms = 1000 * (time.perf_counter() - began) / count / len(LENGTHS_S)
        shares = [float(np.mean([share for share, _ in each])) for each in found]
        told = np.mean([coverage for each in found for _, coverage in each if coverage is not None])
        is_good = LEAST <= np.mean(shares) <= MOST
        is_kept &= is_good
        by_length = " ".join(f"{length / 3600:.0f}h {share:.0%}" for length, share in zip(LENGTHS_S, shares, strict=True))
        verdict = "" if is_good else "  NOT AS PROMISED"
        print(
            f"{kind:7} bands of 80 % held {np.mean(shares):.1%} (told {told:.1%}), {took_ms:.0f} ms each: {by_length}{verdict}", flush=True
        )
    reached = sum(_reaches(seed) for seed in range(FLAT)) / FLAT
    is_kept &= reached <= MOST_REACHES
    verdict = "" if reached <= MOST_REACHES else "  NOT AS PROMISED"
    print(f"flat noise was said to reach the limit in {reached:.2%} of {FLAT:,} series{verdict}")
    return int(not is_kept)


def _reaches(seed: int) -> bool:
    length = LENGTHS_S[seed % len(LENGTHS_S)]
    at, values = series("noise", seed, length)
    pasts = [at > length - window_s for window_s in WINDOWS_S]
    return any(find_fall(at[inside].tolist(), values[inside].tolist(), length) is not None for inside in pasts)


if __name__ == "__main__":
    sys.exit(main())
