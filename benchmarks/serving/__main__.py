"""`python -m benchmarks.serving [--rounds 5] [--seconds 4] [--soak-s 600] [--peer-workers 1] [--without-peers]`

Everything in one run: in each round each server is asked in turn, and a ratio is the median of the rounds' ratios. Exit code 1 where a
bar is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.reference_model import deployed, reference_model
from benchmarks.serving.load import Measured, ceiling, is_there, post
from benchmarks.serving.pages import open_pages
from benchmarks.serving.peer_servers import BIN, Running, every_peer, prepare
from benchmarks.serving.soak import soaked
from benchmarks.serving.subjects import FLOOR, MOST_DIFFERENCE, OURS, PIPELINE, Subject, difference, subjects
from benchmarks.serving.table import Line, at_least, at_most, printed
from tests.server.running import Server, running

COMMAND = (sys.executable, "-m", "gunicorn", "benchmarks.serving.with_pipeline:server")
ROWS = 1_000
PAGES, FRAMES_A_SECOND = 500, 4.0
THREADS = 320  # room for 500 pages in two processes
MOST_P50, LEAST_RATE, LEAST_BATCH, MOST_P99 = 1.5, 0.5, 2.0, 4.0
LEAST_BESIDE_PEERS = {1: 10.0, 32: 15.0}
BATCH = 0

# By subject and connections, `BATCH` for all rows over one connection; a value a round.
Found = dict[tuple[str, int], list[Measured]]


def main() -> int:
    asked = _asked()
    if not is_there():
        print("The load comes from wrk: install the package wrk (Debian's name).")
        return 2
    if not asked.without_peers and not (BIN / "python").exists():
        print("The peers are not installed: run `make bench-serving`, or ask for `--without-peers`.")
        return 2
    with TemporaryDirectory() as directory:
        return _measured(asked, Path(directory))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement in a round")
    parser.add_argument("--soak-s", type=int, default=60, help="seconds at half of the highest rate; 600 are what counts")
    parser.add_argument("--peer-workers", type=int, default=1, help="processes of each peer; 1 is what each starts by itself")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--pages", type=int, default=PAGES)
    return parser.parse_args()


def _measured(asked: argparse.Namespace, place: Path) -> int:
    """Prints the table while the servers still run: what goes wrong with their end must not cost it."""
    model = reference_model()
    home = place / "home"
    deployed(home, model)
    rows = [dict(row) for row in (model.check_rows * (ROWS // len(model.check_rows)))]
    truth = [share for row in model.check_outputs for share in row] * (ROWS // len(model.check_rows))
    peers: AbstractContextManager[list[Running]] = nullcontext([])
    if not asked.without_peers:
        prepare(next(home.rglob("model.zip")), place)
        peers = every_peer(place, rows[:1], asked.peer_workers)
    with running(COMMAND, place, threads=str(THREADS)) as server, peers as started:
        every = subjects(server.url, started, rows, place)
        known = [each for each in every if not each.problem]
        lines = [_client(every[0].one, asked.seconds)]
        lines += [_same(each, truth) for each in known if each.read is not None]
        found = _rounds(known, asked)
        lines += _ours(found) + [line for each in every[3:] for line in _beside(each, found)]
        lines.append(_with_pages(server, every[0], asked))
        highest = max(_rate(found, OURS, connections) for connections in (8, 32))
        lines += soaked(server, every[0].url, every[0].one, highest / 2, asked.soak_s)
        print()
        printed(lines)
    return int(any(line.holds is False for line in lines))


def _client(body: Path, seconds: float) -> Line:
    told = ceiling(body, 32, seconds)
    return Line("the client alone", f"{told.rate:.0f}/s against a server that reads nothing, with {told.client_cores:.2f} cores")


def _same(subject: Subject, truth: list[float]) -> Line:
    worst = difference(subject, truth)
    return at_most(f"{subject.name}: the pipeline's answers, {ROWS:,} rows", worst, MOST_DIFFERENCE, f"off by {worst:.1g} at most")


def _rounds(known: list[Subject], asked: argparse.Namespace) -> Found:
    found: Found = defaultdict(list)
    plan: list[tuple[Subject, int]] = [
        (each, connections) for connections in (1, 8, 32) for each in known if connections in each.connections
    ]
    plan += [(each, BATCH) for each in known if each.has_batch]
    for each, connections in plan:  # warm: the first seconds load libraries and fill caches
        post(each.url, each.one if connections else each.many, connections or 1, 1)
    for number in range(1, asked.rounds + 1):
        for each, connections in plan:
            measured = post(each.url, each.one if connections else each.many, connections or 1, asked.seconds)
            if measured.errors:
                print(f"{each.name}, {connections or 1} connections: {measured.errors} of {measured.requests} requests failed", flush=True)
            found[each.name, connections].append(measured)
        told = ", ".join(f"{name} x{connections or 'batch'} {runs[-1].rate:.0f}/s" for (name, connections), runs in found.items())
        print(f"round {number}: {told}", flush=True)
    return found


def _rate(found: Found, name: str, connections: int) -> float:
    return median(each.rate for each in found[name, connections])


def _p50(found: Found, name: str, connections: int) -> float:
    return median(each.p50_ms for each in found[name, connections])


def _rates(found: Found, above: str, below: str, connections: int) -> float:
    """Median of the rounds' ratios."""
    return median(one.rate / other.rate for one, other in zip(found[above, connections], found[below, connections], strict=True))


def _times_as_long(found: Found, name: str, other: str, connections: int) -> float:
    """The p50 of one beside that of the other, median of the rounds' ratios."""
    return median(one.p50_ms / another.p50_ms for one, another in zip(found[name, connections], found[other, connections], strict=True))


def _ours(found: Found) -> list[Line]:
    slower = _times_as_long(found, OURS, FLOOR, 1)
    told = f"{slower:.2f} times ({_p50(found, OURS, 1):.2f} ms, {_p50(found, FLOOR, 1):.2f} ms)"
    lines = [at_most("one row, 1 connection: p50 beside the route that does nothing", slower, MOST_P50, told)]
    for connections in (8, 32):
        ratio = _rates(found, OURS, FLOOR, connections)
        told = f"{ratio:.2f} times ({_rate(found, OURS, connections):.0f}/s, {_rate(found, FLOOR, connections):.0f}/s)"
        lines.append(at_least(f"one row, {connections} connections: requests a second beside it", ratio, LEAST_RATE, told))
    batch = _times_as_long(found, PIPELINE, OURS, BATCH)
    told = f"{batch:.2f} times ({_p50(found, OURS, BATCH):.1f} ms, {_p50(found, PIPELINE, BATCH):.1f} ms)"
    return [*lines, at_least(f"{ROWS:,} rows: beside the pipeline with a DataFrame", batch, LEAST_BATCH, told)]


def _beside(peer: Subject, found: Found) -> list[Line]:
    if peer.problem:
        return [Line(f"beside {peer.name}", f"not measured: {peer.problem}", "answers", False)]
    lines = []
    for connections, bar in LEAST_BESIDE_PEERS.items():
        ratio = _rates(found, OURS, peer.name, connections)
        told = f"{ratio:.1f} times ({_rate(found, OURS, connections):.0f}/s, {_rate(found, peer.name, connections):.0f}/s)"
        lines.append(at_least(f"one row, {connections} connection{'s' * (connections > 1)}: beside {peer.name}", ratio, bar, told))
    ratio = _times_as_long(found, peer.name, OURS, BATCH)
    told = f"{ratio:.1f} times ({_p50(found, OURS, BATCH):.1f} ms, {_p50(found, peer.name, BATCH):.1f} ms)"
    return [*lines, at_least(f"{ROWS:,} rows: beside {peer.name}", ratio, 1.0, told)]


def _with_pages(server: Server, ours: Subject, asked: argparse.Namespace) -> Line:
    alone, beside, frames = [], [], []
    for _ in range(asked.rounds):
        alone.append(post(ours.url, ours.one, 1, asked.seconds).p99_ms)
        with open_pages(server.url, server.home, asked.pages, FRAMES_A_SECOND) as pages:
            post(ours.url, ours.one, 1, 1)
            before = pages.frames
            measured = post(ours.url, ours.one, 1, asked.seconds)
            frames.append((pages.frames - before) / asked.pages / (measured.requests / measured.rate))
            beside.append(measured.p99_ms)
        print(
            f"pages: p99 {alone[-1]:.2f} -> {beside[-1]:.2f} ms, {frames[-1]:.2f} frames a second each, {pages.closed} closed", flush=True
        )
    ratio = median(one / other for one, other in zip(beside, alone, strict=True))
    told = f"{ratio:.2f} times ({median(alone):.1f} ms -> {median(beside):.1f} ms; {median(frames):.1f} frames a second each)"
    line = at_most(f"{asked.pages} open WebSockets: one-row p99 beside that with none", ratio, MOST_P99, told)
    return line if median(frames) > 0.9 * FRAMES_A_SECOND else Line(line.measure, told, f"{FRAMES_A_SECOND:.0f} frames a second", False)


if __name__ == "__main__":
    sys.exit(main())
