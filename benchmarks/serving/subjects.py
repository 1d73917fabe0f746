"""Who is measured with what: our route, the one that does nothing, the plain pipeline, and the peers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import requests

from benchmarks.serving.peer_servers import Rows, Running

OURS, FLOOR, PIPELINE = "ours", "floor", "pipeline"
MOST_DIFFERENCE = 1e-9


@dataclass(frozen=True, slots=True)
class Subject:
    """`one` and `many` are files with the body of a request for one row and for all. `connections` are those that count for one row;
    `read` takes the probabilities out of an answer (None: it answers nothing of the kind)."""

    name: str
    url: str
    one: Path
    many: Path
    connections: tuple[int, ...]
    has_batch: bool
    read: Callable[[Any], list[float]] | None
    problem: str = ""


def subjects(url: str, peers: Sequence[Running], rows: Rows, place: Path) -> list[Subject]:
    def bodies(name: str, shape: Callable[[Rows], Any]) -> tuple[Path, Path]:
        one, many = place / f"{name}-one.json", place / f"{name}-many.json"
        one.write_bytes(orjson.dumps(shape(rows[:1])))
        many.write_bytes(orjson.dumps(shape(rows)))
        return one, many

    own = bodies(OURS, lambda some: {"rows": some})
    return [
        Subject(OURS, f"{url}/api/predict", *own, (1, 8, 32), True, _ours),
        Subject(FLOOR, f"{url}/api/floor", *own, (1, 8, 32), False, None),
        Subject(PIPELINE, f"{url}/api/pipeline", *own, (), True, lambda answer: [each for row in answer["probabilities"] for each in row]),
        *(
            Subject(each.peer.name, each.url, *bodies(each.peer.name, each.peer.body), (1, 32), True, each.peer.read, each.problem)
            for each in peers
        ),
    ]


def _ours(answer: Any) -> list[float]:
    return [share for each in answer["predictions"] for share in each["probabilities"].values()]


def difference(subject: Subject, truth: Sequence[float]) -> float:
    """The largest one from the pipeline's own answers for all rows."""
    assert subject.read is not None
    answer = requests.post(subject.url, data=subject.many.read_bytes(), headers={"Content-Type": "application/json"}, timeout=60)
    answer.raise_for_status()
    found = subject.read(answer.json())
    return max(abs(one - other) for one, other in zip(found, truth, strict=True))
