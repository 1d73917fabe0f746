"""All figures, one benchmark after the other: `make bench`, `make bench-training`, or `python -m benchmarks damage` for those named.

`python -m benchmarks serving` is `make bench-serving` with a shorter soak.
"""

from __future__ import annotations

import subprocess
import sys

EVERY = ("damage", "leaks", "scale", "journey")
# Of predictions.
SERVING = ("serving_floor",)
# Of the training; the contest alone takes about an hour a seed.
TRAINING = ("eta", "beside", "million", "contest")
SERVING = ("serving",)


def main() -> int:
    """0 where every one of them holds what it promises."""
    asked = TRAINING if sys.argv[1:] == ["training"] else sys.argv[1:] or EVERY
    if unknown := sorted({*asked} - {*EVERY, *TRAINING, *SERVING}):
        print(f"There is no benchmark called {', '.join(unknown)}; there are {', '.join([*EVERY, *TRAINING, *SERVING])}.")
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
