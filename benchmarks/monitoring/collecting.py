"""What collecting costs of one core at the default interval: `python -m benchmarks.monitoring.collecting`"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from dashapp.application.process import WebProcess
from dashapp.application.services import Services, open_services
from dashapp.monitoring.rollups import MINUTE
from dashapp.monitoring.sampler import Sampler
from dashapp.monitoring.traffic import Record, summarise
from dashapp.settings import Settings

SAMPLES = 60
MOST_PERCENT = 1.0


def main() -> int:
    with TemporaryDirectory() as directory:
        settings = Settings(home=Path(directory))
        services = open_services(settings)
        process = WebProcess(services)
        sampler = Sampler(replace(process._sources(os.getpid()), started_at=0.0))
        _busy(services, time.time())
        sampler.take_sample(datetime.now(UTC))
        began, began_all = time.process_time(), time.perf_counter()
        for _ in range(SAMPLES):
            sampler.take_sample(datetime.now(UTC))
        sample_s = (time.process_time() - began) / SAMPLES
        took_s = (time.perf_counter() - began_all) / SAMPLES
        began = time.process_time()
        services.rollups.advance(time.time() + MINUTE)
        rolled_s = time.process_time() - began
        services.close()
    percent = 100 * (sample_s / settings.sample_s + rolled_s / MINUTE)
    print(f"A sample with its checks: {1e3 * sample_s:.1f} ms of CPU ({1e3 * took_s:.1f} ms in all)")
    print(f"Ten minutes of requests rolled up: {1e3 * rolled_s:.1f} ms")
    print(f"{percent:.2f} % of one core every {settings.sample_s:g} s (at most {MOST_PERCENT:g} %)")
    return int(percent > MOST_PERCENT)


def _busy(services: Services, now: float) -> None:
    """Two workers that answer two hundred requests a second."""
    random = np.random.default_rng(0)
    with services.database.write() as transaction:
        for second in range(600):
            for worker in ("a", "b"):
                records: list[Record] = [("predict" if i % 2 else "api", 200, float(random.lognormal(1, 1)), 1, 1) for i in range(100)]
                services.requests.add(transaction, worker, summarise(records, now - second))


if __name__ == "__main__":
    sys.exit(main())
