from __future__ import annotations

from pathlib import Path

import pytest

from dashapp.monitoring.cgroup import CpuQuota, MemoryLimit, cpu_quota, memory_limit, oom_kills


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content)


@pytest.fixture
def membership(tmp_path: Path) -> Path:
    return tmp_path / "membership"


def test_version_2_takes_the_lowest_limit_of_the_group_and_its_parents(tmp_path: Path, membership: Path) -> None:
    membership.write_text("0::/outer/inner\n")
    root = tmp_path / "fs"
    write(root / "outer", memory__max="1000\n", memory__current="700\n", memory__stat="anon 5\ninactive_file 200\n")
    write(root / "outer/inner", memory__max="max\n", memory__current="300\n", memory__stat="inactive_file 10\n")
    assert memory_limit(root, membership) == MemoryLimit(limit_bytes=1000, used_bytes=500)
    write(root / "outer", cpu__max="max 100000\n", cpu__stat="usage_usec 9000000\n")
    write(root / "outer/inner", cpu__max="150000 100000\n", cpu__stat="usage_usec 2500000\nuser_usec 1\n")
    assert cpu_quota(root, membership) == CpuQuota(cores=1.5, used_s=2.5)


def test_version_1_in_a_container_whose_path_is_the_hosts(tmp_path: Path, membership: Path) -> None:
    membership.write_text("5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/\n")
    root = tmp_path / "fs"
    write(root / "memory", memory__limit_in_bytes="2000\n", memory__usage_in_bytes="900\n", memory__stat="total_inactive_file 100\n")
    write(root / "cpu", cpu__cfs_quota_us="50000\n", cpu__cfs_period_us="100000\n")
    write(root / "cpuacct", cpuacct__usage="3000000000\n")
    assert memory_limit(root, membership) == MemoryLimit(limit_bytes=2000, used_bytes=800)
    assert cpu_quota(root, membership) == CpuQuota(cores=0.5, used_s=3.0)


def test_no_limit_and_no_control_groups(tmp_path: Path, membership: Path) -> None:
    assert memory_limit(tmp_path, membership) is None
    membership.write_text("5:memory:/\n4:cpu:/\n3:cpuacct:/\n0::/../other\n")
    write(tmp_path / "cpu", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    write(tmp_path / "cpuacct", cpuacct__usage="3\n")
    write(tmp_path, cpu__max="max 100000\n", memory__max="max\n")
    assert memory_limit(tmp_path, membership) is None
    assert cpu_quota(tmp_path, membership) is None


def test_who_ran_out_of_memory_is_counted_by_the_group_or_by_the_machine(tmp_path: Path, membership: Path) -> None:
    root, machine = tmp_path / "fs", tmp_path / "vmstat"
    machine.write_text("pgfault 7\noom_kill 9\n")
    membership.write_text("0::/unit\n")
    assert oom_kills(root, membership, machine) == 9
    write(root / "unit", memory__events="low 0\noom 3\noom_kill 2\n")
    assert oom_kills(root, membership, machine) == 2
    membership.write_text("5:memory:/old\n0::/unit\n")
    write(root / "memory/old", memory__oom_control="oom_kill_disable 0\nunder_oom 0\noom_kill 4\n")
    assert oom_kills(root, membership, machine) == 4
