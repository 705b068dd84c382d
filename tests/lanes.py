"""Run the tests in parts, two at a time, until none is left: so both cores are busy to the end.

``python -m tests.lanes`` runs of the slow tests a representative each, and does not measure coverage.
``python -m tests.lanes all`` runs them all, and measures what those without a browser cover; `tests/conftest.py` says
which of them are measured.
What numba compiles is compiled once, for every process. The end prints the time of each part and pytest's closing
line of each; the exit status is not 0 when a part failed or ran no test, or when too little is covered.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import tests.conftest as common

AT_ONCE = 2
BROWSER = "tests/e2e/"
# What each part runs: paths, or patterns of paths; one has what no other has. They are begun in this order, short ones
# last, and those with a browser apart, since each keeps more than one core busy.
PARTS = {
    "browser 1": ["tests/e2e/test_[a-h]*.py"],
    "imports": ["tests/core/ingest", "tests/core/demo"],
    "others": [],
    "browser 2": ["tests/e2e/test_[i-z]*.py"],
    "web": ["tests/core/web"],
    "exports": ["tests/core/export", "tests/core/cache", "tests/core/system"],
    "commands": ["tests/core/cli", "tests/core/atlas"],
}
KERNELS, SCIENCE = "compiling the kernels", "compiling the science"


@dataclass
class Job:
    """A process at work, and the file that its output goes to."""

    name: str
    process: subprocess.Popen
    output: BinaryIO
    start: float
    seconds: float = 0.0

    def text(self) -> str:
        """Return all that it has printed."""
        return Path(self.output.name).read_text("utf-8", "replace")

    def closing(self) -> str:
        """Return pytest's closing line, as in "12 passed, 1 skipped in 3.21s"."""
        lines = [line for line in self.text().splitlines() if re.search(r" in \d+\.\d+s", line)]
        return lines[-1].strip("= ") if lines else "no closing line"


def files(part: str) -> list[str]:
    """Return the test files of a part, as paths from the root."""
    if PARTS[part]:
        found = [path for pattern in PARTS[part] for path in common.ROOT.glob(pattern)]
        tests = {test for path in found for test in (path.rglob("test_*.py") if path.is_dir() else [path])}
        return sorted(str(test.relative_to(common.ROOT)) for test in tests)
    taken = {file for other, patterns in PARTS.items() if patterns for file in files(other)}
    tests = {str(test.relative_to(common.ROOT)) for test in (common.ROOT / "tests").rglob("test_*.py")}
    return sorted(tests - taken)


def has_browser(part: str) -> bool:
    """Return whether the tests of a part drive a browser."""
    return any(file.startswith(BROWSER) for file in files(part))


def jobs(slow: str) -> dict[str, list[str]]:
    """Return what is to be run, in this order: the arguments of Python for each job."""
    found = {KERNELS: ["-m", "tests.warm", "kernels"]}
    for at, part in enumerate(PARTS):
        is_measured = slow == "all" and not has_browser(part)
        # The threshold is for all parts together.
        coverage = ["--cov", "--cov-report=", "--cov-fail-under=0"] if is_measured else []
        found[part] = ["-m", "pytest", f"--slow={slow}", *coverage, *files(part)]
        if at == 0:
            found[SCIENCE] = ["-m", "tests.warm", "science"]
    return found


def needs(name: str) -> set[str]:
    """Return the jobs that must have ended before another may begin."""
    if name == KERNELS:
        return set()
    return {KERNELS} if name == SCIENCE or has_browser(name) else {KERNELS, SCIENCE}


def begin(name: str, arguments: list[str], output: BinaryIO, measured: Path) -> Job:
    """Start a job. Its modules are compiled for the others too, and its coverage has a file of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["COVERAGE_FILE"] = str(measured / name.replace(" ", "-"))
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=common.ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
    )
    return Job(name, process, output, time.monotonic())


def run(slow: str) -> int:
    """Run all parts to their ends, print what they print, and return the exit status."""
    start = time.monotonic()
    waiting, running, done = jobs(slow), [], []
    with ExitStack() as stack:
        measured = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coverage-")))
        stack.callback(end, running)
        while waiting or running:
            ended = {job.name for job in done}
            for name in [name for name in waiting if needs(name) <= ended][: AT_ONCE - len(running)]:
                output = stack.enter_context(tempfile.NamedTemporaryFile(prefix="part-"))
                running.append(begin(name, waiting.pop(name), output, measured))
            for job in finished(running):
                print(f"\n== {job.name} ==\n{job.text()}", flush=True)
                done.append(job)
                if job.name in {KERNELS, SCIENCE} and job.process.returncode:
                    return job.process.returncode
            time.sleep(0.1)
        status = report(done, time.monotonic() - start)
        return max(status, cover(measured) if slow == "all" else 0)


def end(running: list[Job]) -> None:
    """End what still runs, as after an interrupt."""
    for job in running:
        job.process.terminate()
        job.process.wait()


def finished(running: list[Job]) -> list[Job]:
    """Take those out that have ended, and note how long they took."""
    ended = [job for job in running if job.process.poll() is not None]
    for job in ended:
        job.seconds = time.monotonic() - job.start
        running.remove(job)
    return ended


def report(done: list[Job], seconds: float) -> int:
    """Print a line for each part and return the exit status: that of pytest, 5 where no test ran."""
    print()
    for job in done:
        closing = "" if job.name in {KERNELS, SCIENCE} else f", exit status {job.process.returncode}: {job.closing()}"
        print(f"{job.name}: {spoken(job.seconds)}{closing}")
    print(f"all parts: {spoken(seconds)}", flush=True)
    return max(abs(job.process.returncode) for job in done)


def spoken(seconds: float) -> str:
    """Return a time as in "7 min 05 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def cover(measured: Path) -> int:
    """Print what all parts together cover; return 2 if that is less than pyproject.toml asks for."""
    environment = os.environ | {"COVERAGE_FILE": str(measured / "all")}
    parts = sorted(str(path) for path in measured.iterdir())
    for arguments in (["combine", "--quiet", *parts], ["report", "--skip-covered"]):
        command = [sys.executable, "-m", "coverage", *arguments]
        if status := subprocess.run(command, cwd=common.ROOT, env=environment, check=False).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(run("all" if sys.argv[1:] == ["all"] else "few"))
