"""All figures, one benchmark after the other: `make bench`, `make bench-training`, or `python -m benchmarks damage` for those named.

`python -m benchmarks serving` is `make bench-serving` with a shorter soak.
"""

from __future__ import annotations

import subprocess
import sys

EVERY = ("damage", "leaks", "scale", "journey")
# Of the training; the contest alone takes about an hour a seed.
TRAINING = ("eta", "beside", "million", "contest")
SERVING = ("serving",)
MONITORING = ("monitoring.drift", "monitoring.forecasts", "monitoring.year", "monitoring.collecting", "monitoring.live")


def main() -> int:
    """0 where every one of them holds what it promises."""
    whole = {"training": TRAINING, "monitoring": MONITORING}
    asked = whole.get(" ".join(sys.argv[1:])) or sys.argv[1:] or EVERY
    if unknown := sorted({*asked} - {*EVERY, *TRAINING, *SERVING, *MONITORING}):
        print(f"There is no benchmark called {', '.join(unknown)}; there are {', '.join([*EVERY, *TRAINING, *SERVING, *MONITORING])}.")
        return 2
    failed = []
    for name in asked:
        print(f"\n== {name}", flush=True)
        # A process each: none finds the caches warm, or the memory full, that another has left.
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode:
            failed.append(name)
    if failed:
        print(f"\nNot as promised: {', '.join(failed)}.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
