"""All figures, one benchmark after the other: `make bench`, or `python -m benchmarks damage` for those named."""

from __future__ import annotations

import subprocess
import sys

EVERY = ("damage", "leaks", "scale", "journey")


def main() -> int:
    """0 where every one of them holds what it promises."""
    asked = sys.argv[1:] or EVERY
    if unknown := sorted(set(asked) - set(EVERY)):
        print(f"There is no benchmark called {', '.join(unknown)}; there are {', '.join(EVERY)}.")
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
