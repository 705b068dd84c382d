"""CPU and memory from control groups: fake trees of every kind, and this machine."""

import math
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings.settings import load
from core.system import limits as resources
from core.system.limits import cpu_count, memory_limit, threads

GIB = 1 << 30
NO_LIMIT_V1 = 9223372036854771712


@pytest.fixture(autouse=True)
def _eight_cpus(monkeypatch):
    monkeypatch.setattr(resources, "_affinity", lambda: 8)


@pytest.fixture
def tree(tmp_path):
    """Write a fake root: the groups of this process, and files below sys/fs/cgroup."""

    def write(cgroup="0::/\n", files=None, total_kib=16 * GIB // 1024):
        (tmp_path / "proc" / "self").mkdir(parents=True)
        (tmp_path / "proc" / "self" / "cgroup").write_text(cgroup)
        (tmp_path / "proc" / "meminfo").write_text(f"MemTotal:       {total_kib} kB\nMemFree:    5 kB\n")
        for name, text in (files or {}).items():
            path = tmp_path / "sys" / "fs" / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


V1 = "12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/docker/abc\n"
NESTED = "0::/kube.slice/pod.slice/box.scope\n"


@pytest.mark.parametrize(
    ("cgroup", "files", "expected"),
    [
        pytest.param("0::/\n", {"cpu.max": "200000 100000\n"}, 2, id="v2"),
        pytest.param("0::/\n", {"cpu.max": "150000 100000\n"}, 2, id="v2 rounds up"),
        pytest.param("0::/\n", {"cpu.max": "10000 100000\n"}, 1, id="v2 below one CPU"),
        pytest.param("0::/\n", {"cpu.max": "max 100000\n"}, 8, id="v2 max"),
        pytest.param("0::/\n", {"cpu.max": "6400000 100000\n"}, 8, id="more than the affinity"),
        pytest.param("0::/\n", {}, 8, id="no file"),
        pytest.param("", {}, 8, id="no groups"),
        pytest.param("nonsense\n::\n", {"cpu.max": "200000 100000"}, 8, id="malformed groups"),
        pytest.param("0::/\n", {"cpu.max": "many 100000\n"}, 8, id="malformed quota"),
        pytest.param("0::/\n", {"cpu.max": "200000\n"}, 8, id="no period"),
        pytest.param("0::/\n", {"cpu.max": "200000 0\n"}, 8, id="period of zero"),
        pytest.param("0::/\n", {"cpu.max": "\udce9\n".encode(errors="replace").decode()}, 8, id="not a number"),
        pytest.param(NESTED, {"kube.slice/pod.slice/box.scope/cpu.max": "300000 100000"}, 3, id="own group"),
        pytest.param(
            NESTED,
            {"kube.slice/pod.slice/box.scope/cpu.max": "max 100000", "kube.slice/cpu.max": "200000 100000"},
            2,
            id="the outermost is smallest",
        ),
        pytest.param(
            NESTED,
            {"kube.slice/pod.slice/box.scope/cpu.max": "400000 100000", "kube.slice/pod.slice/cpu.max": "50000 10000"},
            4,
            id="the innermost is smallest",
        ),
        pytest.param(NESTED, {"other.slice/cpu.max": "100000 100000"}, 8, id="a sibling does not count"),
        pytest.param("0::/../../other\n", {"cpu.max": "200000 100000"}, 2, id="a path outside of the namespace"),
        pytest.param(
            V1, {"cpu,cpuacct/cpu.cfs_quota_us": "300000", "cpu,cpuacct/cpu.cfs_period_us": "100000"}, 3, id="v1"
        ),
        pytest.param(V1, {"cpu/cpu.cfs_quota_us": "250000", "cpu/cpu.cfs_period_us": "100000"}, 3, id="v1 link"),
        pytest.param(V1, {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000"}, 8, id="v1 no limit"),
        pytest.param(V1, {"cpu/cpu.cfs_quota_us": "200000"}, 8, id="v1 no period"),
        pytest.param(
            V1,
            {
                "cpu/cpu.cfs_quota_us": "-1",
                "cpu/cpu.cfs_period_us": "100000",
                "cpu/docker/cpu.cfs_quota_us": "100000",
                "cpu/docker/cpu.cfs_period_us": "100000",
                "cpu/docker/abc/cpu.cfs_quota_us": "500000",
                "cpu/docker/abc/cpu.cfs_period_us": "100000",
            },
            1,
            id="v1 nested",
        ),
        pytest.param(
            V1 + "0::/docker/abc\n",
            {
                "cpu/cpu.cfs_quota_us": "400000",
                "cpu/cpu.cfs_period_us": "100000",
                "unified/docker/cpu.max": "200000 100000",
            },
            2,
            id="both versions",
        ),
    ],
)
def test_cpu_count(tree, cgroup, files, expected):
    assert cpu_count(tree(cgroup, files)) == expected


@pytest.mark.parametrize(
    ("cgroup", "files", "expected"),
    [
        pytest.param("0::/\n", {"memory.max": f"{4 * GIB}\n"}, 4 * GIB, id="v2"),
        pytest.param("0::/\n", {"memory.max": "max\n"}, 16 * GIB, id="v2 max"),
        pytest.param("0::/\n", {}, 16 * GIB, id="no file"),
        pytest.param("0::/\n", {"memory.max": f"{64 * GIB}"}, 16 * GIB, id="more than the machine has"),
        pytest.param("0::/\n", {"memory.max": "-1"}, 16 * GIB, id="negative"),
        pytest.param("0::/\n", {"memory.max": "0"}, 16 * GIB, id="zero"),
        pytest.param("0::/\n", {"memory.max": "4GB"}, 16 * GIB, id="malformed"),
        pytest.param("0::/\n", {"memory.max": "1" * 5000}, 16 * GIB, id="absurd"),
        pytest.param(
            NESTED,
            {
                "memory.max": "max",
                "kube.slice/memory.max": f"{3 * GIB}",
                "kube.slice/pod.slice/memory.max": "max",
                "kube.slice/pod.slice/box.scope/memory.max": f"{5 * GIB}",
            },
            3 * GIB,
            id="nested",
        ),
        pytest.param(V1, {"memory/memory.limit_in_bytes": f"{2 * GIB}\n"}, 2 * GIB, id="v1, only the mount is seen"),
        pytest.param(V1, {"memory/memory.limit_in_bytes": str(NO_LIMIT_V1)}, 16 * GIB, id="v1 no limit"),
        pytest.param(V1, {"memory/memory.limit_in_bytes": "-1"}, 16 * GIB, id="v1 minus one"),
        pytest.param(
            V1,
            {
                "memory/memory.limit_in_bytes": str(NO_LIMIT_V1),
                "memory/docker/memory.limit_in_bytes": str(6 * GIB),
                "memory/docker/abc/memory.limit_in_bytes": str(7 * GIB),
            },
            6 * GIB,
            id="v1 nested",
        ),
    ],
)
def test_memory_limit(tree, cgroup, files, expected):
    assert memory_limit(tree(cgroup, files)) == expected


def test_nothing_to_read(tmp_path):
    assert cpu_count(tmp_path) == 8
    assert memory_limit(tmp_path) == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_a_machine_that_says_nothing(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    assert memory_limit(tmp_path) == sys.maxsize


def test_a_directory_in_place_of_a_file(tree):
    root = tree("0::/\n")
    (root / "sys/fs/cgroup/cpu.max").mkdir(parents=True)
    (root / "sys/fs/cgroup/memory.max").mkdir()
    assert cpu_count(root) == 8
    assert memory_limit(root) == 16 * GIB


def test_bytes_that_are_no_text(tree):
    root = tree("0::/\n", {"cpu.max": "", "memory.max": ""})
    (root / "sys/fs/cgroup/cpu.max").write_bytes(b"\xff\xfe 100000")
    (root / "sys/fs/cgroup/memory.max").write_bytes("٤".encode())
    assert cpu_count(root) == 8
    assert memory_limit(root) == 16 * GIB


@given(limits=st.lists(st.one_of(st.just("max"), st.integers(1, 64 * GIB)), min_size=1, max_size=6))
def test_the_smallest_of_a_nest_holds(tmp_path_factory, limits):
    root = tmp_path_factory.mktemp("root")
    group = root / "sys/fs/cgroup"
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(f"0::/{'/'.join('g' * (len(limits) - 1))}\n")
    (root / "proc/meminfo").write_text(f"MemTotal: {16 * GIB // 1024} kB\n")
    for limit in limits:
        group.mkdir(parents=True)
        (group / "memory.max").write_text(f"{limit}\n")
        (group / "cpu.max").write_text(f"{limit} 100000\n")
        group /= "g"
    numbers = [limit for limit in limits if limit != "max"]
    assert memory_limit(root) == min([16 * GIB, *numbers])
    assert cpu_count(root) == max(1, min([8, *(math.ceil(number / 100000) for number in numbers)]))


def test_threads(monkeypatch):
    monkeypatch.setattr(resources, "cpu_count", lambda: 5)
    assert threads(load()) == 5
    assert threads(load(threads=3)) == 3


def test_this_machine(monkeypatch):
    monkeypatch.undo()
    assert 1 <= cpu_count() <= (os.cpu_count() or 1)
    assert 1 << 20 < memory_limit() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_without_an_affinity_mask(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert resources._affinity() == 12
