"""A year of history, made by a generator: how long trends take and how large the database is. `python -m benchmarks.monitoring.year`

Every metric is known in every sample and requests come all the time, so that nothing is smaller than it would be. Minutes are written in
the order in which a server writes them, as that decides how full the pages of the database are.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert

from dashapp.application.history import history_of
from dashapp.application.services import Services, open_services
from dashapp.database.tables import latencies, requests, rollups, samples, series
from dashapp.monitoring.rollups import DAY, HOUR, KEPT_S, MINUTE, REQUESTS_KEPT_S, SAMPLES_KEPT_S
from dashapp.monitoring.sample import PERCENTILES, UNITS
from dashapp.monitoring.sketch import sketch_of
from dashapp.monitoring.trends import TIMEFRAMES_S, get_trends
from dashapp.settings import Settings

NOW = 1_800_057_600 + 400 * DAY
YEAR_S = 365 * DAY
SAMPLE_S = 5
WORKERS, KINDS = 2, ("predict", "api")
MOST_MS, MOST_BYTES = 50.0, 200e6
METRICS = [name for name in UNITS if name not in PERCENTILES]


def main() -> int:
    with TemporaryDirectory() as directory:
        services = open_services(Settings(home=Path(directory)))
        began = time.perf_counter()
        generate(services)
        services.database.give_back_space()
        size = (Path(directory) / "dashapp.db").stat().st_size
        print(f"A year was made in {time.perf_counter() - began:.0f} s")
        slowest = measure(services)
        services.close()
    print(f"Slowest trend {slowest:.1f} ms (at most {MOST_MS:.0f}), database {size / 1e6:.0f} MB (at most {MOST_BYTES / 1e6:.0f})")
    return int(slowest > MOST_MS or size > MOST_BYTES)


def generate(services: Services, seed: int = 0) -> None:
    """Minutes of 30 days, hours and days of a year, the samples of a day and the requests of the last hours."""
    random = np.random.default_rng(seed)
    texts = [sketch_of(random.lognormal(1, 1, 300)).packed() for _ in range(50)]
    with services.database.write() as transaction:
        rows = [{"metric": metric, "host": "here"} for metric in METRICS]
        transaction.execute(insert(series), rows)
    for day in range(365, 0, -1):
        with services.database.write() as transaction:
            _day(transaction, NOW - day * DAY, day, random, texts)
    with services.database.write() as transaction:
        _newest(transaction, random, texts)
        for resolution in (MINUTE, HOUR, DAY):
            services.rollups._set_mark(transaction, resolution, NOW)


def _day(transaction: Connection, start: int, days_ago: int, random: Any, texts: list[Any]) -> None:
    resolutions = [HOUR, *([MINUTE] if days_ago * DAY <= KEPT_S[MINUTE] else [])]
    rows, sketches = [], []
    for resolution in resolutions:
        values = np.round(50 + 20 * random.normal(size=(DAY // resolution, len(METRICS), 3)), 4)
        values.sort(axis=2)
        for place, at in enumerate(range(start, start + DAY, resolution)):
            rows += [
                {
                    "series_id": i,
                    "resolution": resolution,
                    "at": at,
                    "low": low,
                    "mean": mean,
                    "high": high,
                    "count": resolution // SAMPLE_S,
                }
                for i, (low, mean, high) in enumerate(values[place].tolist(), 1)
            ]
            sketches += [_sketch(kind, resolution, at, texts) for kind in KINDS]
    rows.sort(key=lambda row: (row["at"] + row["resolution"], row["resolution"], row["series_id"]))
    transaction.execute(insert(rollups), rows)
    transaction.execute(insert(latencies), sketches + [_sketch(kind, DAY, start, texts) for kind in KINDS])


def _sketch(kind: str, resolution: int, at: int, texts: list[Any]) -> dict[str, Any]:
    return {"kind": kind, "resolution": resolution, "at": at, "count": 300, "errors": 1, "sketch": texts[at // resolution % len(texts)]}


def _newest(transaction: Connection, random: Any, texts: list[Any]) -> None:
    rows: list[dict[str, Any]] = []
    for at in range(NOW - SAMPLES_KEPT_S, NOW, SAMPLE_S):
        values = np.round(50 + 20 * random.random(len(METRICS) + len(PERCENTILES)), 2)
        rows.append({"at": at, "host": "here", "metrics": dict(zip(UNITS, values.tolist(), strict=True))})
    transaction.execute(insert(samples), rows)
    counted = {"count": 9, "errors": 0, "total_ms": 20.0, "max_ms": 9.0, "predictions": 9, "failures": None}
    batches = [
        {"at": at + 0.5, "worker": f"w{worker}", "kind": kind, "latencies": sketch_of(random.lognormal(1, 1, 9)).to_json(), **counted}
        for at in range(NOW - REQUESTS_KEPT_S, NOW)
        for worker in range(WORKERS)
        for kind in KINDS
    ]
    transaction.execute(insert(requests), batches)


def measure(services: Services, times: int = 5) -> float:
    """Print the median time of each timeframe; returns the longest of them, in milliseconds."""
    slowest = 0.0
    for metric in ("cpu_usage", "database_bytes", "api_response_time_p95", "prediction_time_p95"):
        for timeframe in TIMEFRAMES_S:
            took = []
            for _ in range(times):
                began = time.perf_counter()
                points = get_trends(history_of(services), metric, timeframe, now=NOW)
                took.append(1000 * (time.perf_counter() - began))
            median = float(np.median(took))
            slowest = max(slowest, median)
            print(f"{metric:24} {timeframe:>4} {len(points):4} points {median:7.1f} ms", flush=True)
    return slowest


if __name__ == "__main__":
    sys.exit(main())
