"""The probable cause of an alert: what happened around that moment, said in words, and nothing where nothing did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashapp.models.model import Deployment, DeploymentAction
from dashapp.monitoring.health import size_in_words
from dashapp.monitoring.told import Cause, Link, LinkKind
from dashapp.monitoring.traffic import Failure
from dashapp.training.run import Run

NOTHING_FOUND = "Nothing that this dashboard knows of explains it"
JUST_BEFORE_S = 900.0
"""A deployment so long before an alert may have caused it."""
RISEN, LEAST_REQUESTS = 2.0, 60
"""Requests have risen at so many times the usual number, and so many a minute at least."""
MOST_EVIDENCE = 6


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that speaks for a cause, in a sentence."""

    words: str
    evidence: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """A part of what is kept: its bytes, those that are newer than a day, and what came last."""

    name: str
    bytes: int
    new_bytes: int
    newest: Link | None = None


def cause_of(clues: Sequence[Clue]) -> Cause:
    """The first clue is the cause, the others are evidence beside it."""
    if not clues:
        return Cause(NOTHING_FOUND)
    evidence = [*clues[0].evidence, *(line for each in clues[1:] for line in (each.words, *each.evidence))]
    links = dict.fromkeys(link for each in clues for link in each.links)
    return Cause(clues[0].words, tuple(evidence[:MOST_EVIDENCE]), tuple(links))


def of_failures(failures: Sequence[Failure]) -> list[Clue]:
    """The most frequent kind of failing request."""
    if not failures:
        return []
    ranked = sorted(failures, key=lambda each: -each.count)
    total, most = sum(each.count for each in ranked), ranked[0]
    words = f"Most of it is {most.route} answering {most.status} to {most.client}: {most.count:,} of {total:,} failed requests"
    return [Clue(words, tuple(f"{each.count:,} x {each.status} at {each.route} to {each.client}" for each in ranked[1:3]))]


def of_deployment(newest_first: Sequence[Deployment], at: float) -> list[Clue]:
    """One just before."""
    if not newest_first:
        return []
    last = newest_first[0]
    ago_s = at - last.at.timestamp()
    if not 0 <= ago_s <= JUST_BEFORE_S:
        return []
    verb = "was deployed" if last.action is DeploymentAction.DEPLOY else "was put back"
    instead = "" if last.replaced is None else f" in place of version {last.replaced}"
    return [Clue(f"Version {last.version} {verb}{instead} {span_in_words(ago_s)} before", (), (model_link(last.model_id, last.version),))]


def of_trainings(runs: Iterable[Run]) -> list[Clue]:
    """Those that are at work."""
    return [
        Clue(f"The training of {run.target} on {run.dataset_name} is at work ({run.stage}, {run.percent:.0f} %)", (), (run_link(run),))
        for run in runs
    ]


def of_requests(per_minute: float | None, usual: float | None) -> list[Clue]:
    """A rise in their number."""
    if per_minute is None or usual is None or per_minute < max(RISEN * usual, LEAST_REQUESTS):
        return []
    return [Clue(f"Requests rose to {per_minute:,.0f} a minute, from {usual:,.0f} in the hour before")]


def of_processes(processes: Sequence[Mapping[str, Any]], used_bytes: float | None, runs: Mapping[str, Run]) -> list[Clue]:
    """The one of ours that holds most memory, or that none of ours does."""
    holders = sorted((each for each in processes if each.get("memory_bytes")), key=lambda each: -each["memory_bytes"])
    if not holders or not used_bytes:
        return []
    ours, most = sum(each["memory_bytes"] for each in holders), holders[0]
    share = tuple(f"{process_words(each, runs)} holds {size_in_words(each['memory_bytes'])}" for each in holders[1:3])
    if ours < used_bytes / 2:
        of_others = f"Most of it is held by other programs: {size_in_words(used_bytes - ours)} of {size_in_words(used_bytes)} in use"
        return [Clue(of_others, (f"this dashboard's processes hold {size_in_words(ours)} together", *share))]
    run = runs.get(str(most.get("run")))
    words = f"{process_words(most, runs)} holds {size_in_words(most['memory_bytes'])} of {size_in_words(used_bytes)} in use"
    return [Clue(_sentence(words), share, () if run is None else (run_link(run),))]


def process_words(process: Mapping[str, Any], runs: Mapping[str, Run]) -> str:
    run = runs.get(str(process.get("run")))
    if run is not None:
        return f"the trainer of {run.target} on {run.dataset_name} (process {process['pid']})"
    role = str(process.get("role") or "other")
    return f"{role if role != 'other' else process.get('name')} (process {process['pid']})"


def of_folders(folders: Sequence[Folder], used_bytes: float | None) -> list[Clue]:
    """What grew within a day, or that what fills the disk is not ours."""
    grown = sorted((each for each in folders if each.new_bytes > 0), key=lambda each: -each.new_bytes)
    sizes = tuple(
        f"{each.name} take {size_in_words(each.bytes)}" for each in sorted(folders, key=lambda each: -each.bytes)[:3] if each.bytes
    )
    ours = sum(each.bytes for each in folders)
    if used_bytes and ours < used_bytes / 2:
        return [Clue(f"Most of it is not this dashboard's: its own files take {size_in_words(ours)} of {size_in_words(used_bytes)}", sizes)]
    if not grown:
        return [Clue("None of this dashboard's files grew within a day", sizes)] if sizes else []
    most = grown[0]
    newest = () if most.newest is None else (f"the newest of them: {most.newest.words}",)
    links = () if most.newest is None else (most.newest,)
    return [Clue(f"{_sentence(most.name)} grew by {size_in_words(most.new_bytes)} within a day", (*newest, *sizes), links)]


def run_link(run: Run) -> Link:
    return Link(LinkKind.RUN, run.id, f"Training of {run.target} on {run.dataset_name}")


def model_link(model_id: str, version: int) -> Link:
    return Link(LinkKind.MODEL, model_id, f"Version {version}")


def span_in_words(seconds: float) -> str:
    if seconds < 5400:
        return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.3g} h"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
