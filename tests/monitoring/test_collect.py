from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.monitoring.cgroup import CpuQuota
from dashapp.monitoring.collect import Collector, CoreTimes, Counters, core_usage, cpu_usage, percentage, rate
from dashapp.monitoring.processes import ProcessTree, totals
from dashapp.monitoring.sample import Sample
from tests.waiting import wait_until

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BEFORE = Counters(at_s=10.0, busy_s=100.0, total_s=1000.0, quota=None, received={"eth0": 1000}, sent={"eth0": 1000})


def test_a_real_read_is_possible_and_complete(tmp_path: Path) -> None:
    """The kernel's counters may go back by a tick, so that one interval in many says nothing; another one does."""
    collector = Collector(tmp_path)
    sample = wait_until(lambda: (read := collector.read(NOW)).cpu_usage is not None and read, every_s=0.5)
    assert sample and sample.cpu_usage is not None and 0 <= sample.cpu_usage <= 100
    assert sample.memory_usage is not None and 0 < sample.memory_usage <= 100
    assert sample.memory_used_bytes is not None and sample.memory_total_bytes is not None
    assert 0 < sample.memory_used_bytes < sample.memory_total_bytes
    assert sample.storage_free_bytes is not None and sample.storage_free_bytes > 0
    assert sample.active_trainings is None


def test_too_short_an_interval_says_nothing(tmp_path: Path) -> None:
    collector = Collector(tmp_path)
    collector.prime()
    sample = collector.read(NOW)
    assert sample.cpu_usage is None
    assert sample.network_sent_bytes_per_s is None


def test_a_home_that_is_gone_leaves_storage_unknown(tmp_path: Path) -> None:
    sample = Collector(tmp_path / "gone").read(NOW)
    assert sample.storage_usage is None and sample.storage_free_bytes is None
    assert sample.memory_usage is not None


def test_cpu_of_the_host_and_of_a_quota() -> None:
    after = replace(BEFORE, at_s=15.0, busy_s=102.5, total_s=1010.0)
    assert cpu_usage(BEFORE, after) == 25.0
    half_a_core = replace(BEFORE, quota=CpuQuota(0.5, 1.0))
    assert cpu_usage(half_a_core, replace(after, quota=CpuQuota(0.5, 2.25))) == 50.0
    assert cpu_usage(half_a_core, replace(after, quota=CpuQuota(0.5, 3.55))) == 100.0
    assert cpu_usage(half_a_core, replace(after, quota=CpuQuota(0.5, 9.0))) is None
    assert cpu_usage(BEFORE, replace(after, busy_s=90.0)) is None


def test_rates_refuse_a_counter_that_fell_and_ignore_an_interface_that_came() -> None:
    assert rate({"eth0": 100}, {"eth0": 600, "tun0": 10**9}, 5.0) == 100.0
    assert rate({"eth0": 600, "eth1": 0}, {"eth0": 100, "eth1": 10**6}, 5.0) is None
    assert rate({}, {"eth0": 100}, 5.0) is None


def test_each_core_has_its_percentage_unless_one_came_or_went() -> None:
    before = replace(BEFORE, cores=(CoreTimes(10.0, 100.0), CoreTimes(20.0, 100.0)))
    after = replace(before, at_s=15.0, cores=(CoreTimes(12.5, 105.0), CoreTimes(19.0, 105.0)))
    assert core_usage(before, after) == (50.0, None)
    assert core_usage(before, replace(after, cores=after.cores[:1])) == ()


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("cpu_usage", 100.01),
        ("cpu_usage", -0.01),
        ("memory_usage", float("nan")),
        ("load_average", float("inf")),
        ("disk_read_bytes_per_s", -1.0),
        ("temperature_celsius", 1000.0),
        ("error_rate", 101.0),
        ("system_uptime", -5.0),
        ("api_response_time", "fast"),
        ("threads", True),
    ],
)
def test_the_impossible_is_refused(metric: str, value: Any) -> None:
    kept = Sample.of(NOW, {"process_cpu": 350.0, metric: value}).without_impossible()
    assert getattr(kept, metric) is None
    assert kept.process_cpu == 350.0


def test_no_more_memory_is_used_than_there_is() -> None:
    assert Sample(NOW, memory_used_bytes=9, memory_total_bytes=8).without_impossible().memory_used_bytes is None


def test_the_tree_has_the_server_its_children_and_whose_they_are() -> None:
    command = [sys.executable, "-c", "import sys; print('ready', flush=True); sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline()
        tree = ProcessTree(os.getpid(), workers_below=True)
        found = {each.pid: each for each in tree.read({child.pid: "run-1"})}
        assert (found[os.getpid()].role, found[child.pid].role, found[child.pid].run) == ("server", "trainer", "run-1")
        assert found[child.pid].cpu is None and found[child.pid].memory_bytes > 0 and found[child.pid].threads >= 1
        again = {each.pid: each.role for each in tree.read({})}
        assert again[child.pid] == "web worker"
        known = totals(list(found.values()))
        assert known["process_count"] == len(found) and known["threads"] >= len(found)
        child.communicate()
    assert child.pid not in {each.pid for each in tree.read({})}


def test_a_tree_without_a_root_is_empty_and_says_nothing() -> None:
    assert ProcessTree(2**30, workers_below=True).read({}) == ()
    assert totals(()) == {}


@given(st.floats(), st.floats())
def test_a_percentage_is_possible_or_none(part: float, whole: float) -> None:
    value = percentage(part, whole)
    assert value is None or 0 <= value <= 100
