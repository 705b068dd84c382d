"""The parts in which `make test` runs the tests."""

import re
from collections import Counter

import pytest

from tests import lanes

PASSES = ["-c", "print('1 passed in 0.01s')"]


def test_each_test_file_is_in_one_part():
    there = {str(path.relative_to(lanes.common.ROOT)) for path in (lanes.common.ROOT / "tests").rglob("test_*.py")}
    found = Counter(file for part in lanes.PARTS for file in lanes.files(part))
    assert set(found) == there
    assert set(found.values()) == {1}
    assert all(lanes.files(part) for part in lanes.PARTS)


def test_browsers_are_in_parts_of_their_own_and_wait_for_the_kernels_alone():
    for part in lanes.PARTS:
        assert len({file.startswith(lanes.BROWSER) for file in lanes.files(part)}) == 1, part
        science = set() if lanes.has_browser(part) else {lanes.SCIENCE}
        assert lanes.needs(part) == {lanes.KERNELS, *science}


def test_coverage_is_measured_where_all_run_and_no_browser_does():
    assert all("--cov" not in arguments for arguments in lanes.jobs("few").values())
    for part, arguments in lanes.jobs("all").items():
        if "pytest" in arguments:
            assert ("--cov" in arguments) != lanes.has_browser(part)


@pytest.mark.parametrize(
    ("last", "status", "said"),
    [
        (PASSES, 0, "others: TIME, exit status 0: 1 passed in 0.01s"),
        (["-c", "import sys; sys.exit(5)"], 5, "others: TIME, exit status 5: no closing line"),
        (["-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"], 9, "others: TIME, exit status -9"),
    ],
)
def test_a_part_that_fails_is_seen_in_the_status(monkeypatch, capfd, last, status, said):
    made = {lanes.KERNELS: PASSES, "browser 1": PASSES, lanes.SCIENCE: PASSES, "others": last}
    monkeypatch.setattr(lanes, "jobs", lambda slow: made)
    assert lanes.run("few") == status
    out = re.sub(r"0 min \d\d s", "TIME", capfd.readouterr().out)
    assert said in out
    assert "browser 1: TIME, exit status 0: 1 passed in 0.01s" in out
    assert "all parts: " in out


def test_nothing_begins_on_kernels_that_do_not_compile(monkeypatch, capfd):
    made = {lanes.KERNELS: ["-c", "1 / 0"], "others": PASSES}
    monkeypatch.setattr(lanes, "jobs", lambda slow: made)
    assert lanes.run("few") == 1
    out = capfd.readouterr().out
    assert "ZeroDivisionError" in out
    assert "passed" not in out


@pytest.mark.parametrize(("ran", "status"), [("f()", 0), ("", 2)])
def test_too_little_coverage_is_a_failure(tmp_path, monkeypatch, capfd, ran, status):
    lines = "\n".join(f"    x = {number}" for number in range(20))
    (tmp_path / "program.py").write_text(f"def f():\n{lines}\n{ran}\n")
    (tmp_path / "pyproject.toml").write_text("[tool.coverage.report]\nfail_under = 90\n")
    monkeypatch.setattr(lanes.common, "ROOT", tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    with (tmp_path / "output").open("wb") as output:
        job = lanes.begin("a part", ["-m", "coverage", "run", "program.py"], output, data)
        assert job.process.wait() == 0, job.text()
    assert [path.name for path in data.iterdir()] == ["a-part"]
    assert lanes.cover(data) == status
    assert "program.py" in capfd.readouterr().out or status == 0
