"""What memory is said to be: control groups of both versions, and the real files that this process has mapped."""

import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings.settings import ALLOCATORS
from core.system.memory import Mapped, mapped_files, used

ROOT = Path(__file__).parents[3]
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


def tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_version_2_leaves_files_out_but_for_tmpfs(tmp_path):
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/memory.current": "1000\n",
            "sys/fs/cgroup/memory.stat": "anon 300\nfile 700\nshmem 100\nactive_file 500\n",
        },
    )
    assert used(root) == 400


def test_version_1(tmp_path):
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/docker/abc\n",
            "sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes": "900\n",
            "sys/fs/cgroup/memory/docker/abc/memory.stat": "cache 1\ntotal_cache 600\ntotal_shmem 50\n",
        },
    )
    assert used(root) == 350


def test_without_control_groups_it_is_that_of_the_process(tmp_path):
    root = tree(
        tmp_path, {"proc/self/status": "Name:\tpython\nRssAnon:\t 200 kB\nRssFile:\t 900 kB\nRssShmem:\t 1 kB\n"}
    )
    assert used(root) == 201 * 1024
    assert used(tmp_path / "nowhere") == 0


@linux
def test_of_this_process():
    """The group may hold other processes, whose memory goes while this test looks: one of three looks must fit."""
    grown = []
    for _ in range(3):
        before = used()
        held = bytearray(b"x" * (64 << 20))
        grown.append(used() - before)
        del held
    assert max(grown) > 32 << 20


@linux
def test_mapped_files(tmp_path):
    path, other = tmp_path / "in" / "a file", tmp_path / "inside" / "b"
    for each in (path, other):
        each.parent.mkdir()
        each.write_bytes(bytes(64 * mmap.PAGESIZE))
    assert mapped_files(tmp_path / "in") == {}
    with (
        path.open("rb") as one,
        other.open("rb") as two,
        mmap.mmap(one.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        mmap.mmap(two.fileno(), 0, access=mmap.ACCESS_READ),
    ):
        assert mapped_files(tmp_path / "in")[path].mapped == 64 * mmap.PAGESIZE
        sum(mapped[at] for at in range(0, len(mapped), mmap.PAGESIZE))
        assert mapped_files(tmp_path / "in") == {path: Mapped(64 * mmap.PAGESIZE, 64 * mmap.PAGESIZE)}
        path.unlink()
        assert list(mapped_files(tmp_path / "in")) == [path], "as long as it is mapped"
    assert mapped_files(tmp_path / "in") == {}


def test_the_program_gives_memory_back():
    """Arrow chooses its allocator when it is imported, so the program chooses first; an operator's choice stays."""
    program = (
        "import app, os, pyarrow; print(pyarrow.default_memory_pool().backend_name, os.environ['MALLOC_ARENA_MAX'])"
    )
    kept = {name: value for name, value in os.environ.items() if name not in ALLOCATORS}
    for more, wanted in (
        ({}, "system 2"),
        ({"ARROW_DEFAULT_MEMORY_POOL": "mimalloc", "MALLOC_ARENA_MAX": "9"}, "mimalloc 9"),
    ):
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=kept | more, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == wanted
