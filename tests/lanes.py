"""Run the tests in two lanes side by side: those without a browser, and those that drive one.

``python -m tests.lanes`` runs of the slow tests a representative each, and does not measure coverage, which costs
half as much again as the tests themselves. ``python -m tests.lanes all`` runs them all, those without a browser under
coverage.
What numba compiles is compiled first and once, for every process of both lanes. The end prints the time of each lane
and pytest's closing line of each; the exit status is not 0 when a lane failed or ran no test.
"""

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

# Each with what is compiled before it begins, and the options of its pytest. The first begins first.
LANES = {
    "end to end": ("kernels", ["tests/e2e"]),
    "without a browser": ("science", ["--ignore=tests/e2e"]),
}


@dataclass
class Lane:
    """A pytest at work, and the file that its output goes to."""

    name: str
    process: subprocess.Popen
    output: BinaryIO
    start: float
    seconds: float = 0.0

    def text(self) -> str:
        """Return all that pytest has printed."""
        return Path(self.output.name).read_text("utf-8", "replace")

    def closing(self) -> str:
        """Return pytest's closing line, as in "12 passed, 1 skipped in 3.21s"."""
        lines = [line for line in self.text().splitlines() if re.search(r" in \d+\.\d+s", line)]
        return lines[-1].strip("= ") if lines else "no closing line"


def compile_for_tests(what: str) -> None:
    """Compile into the directory that all processes share, and print how many seconds that took."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-m", "tests.warm", what], cwd=common.ROOT, check=True)
    print(f"Compiled the {what} in {time.monotonic() - start:.0f} s", flush=True)


def run(slow: str) -> int:
    """Run both lanes to their ends, print what they print, and return the exit status."""
    start = time.monotonic()
    with ExitStack() as stack:
        lanes: list[Lane] = []
        stack.callback(end, lanes)
        for name, (compiled, options) in LANES.items():
            compile_for_tests(compiled)
            output = stack.enter_context(tempfile.NamedTemporaryFile(prefix="lane-"))
            is_traced = slow == "all" and name != "end to end"
            command = [sys.executable, "-m", "pytest", f"--slow={slow}", *([] if is_traced else ["--no-cov"]), *options]
            process = subprocess.Popen(command, cwd=common.ROOT, stdout=output, stderr=subprocess.STDOUT)
            lanes.append(Lane(name, process, output, time.monotonic()))
        finish(lanes)
        return report(lanes, time.monotonic() - start)


def end(lanes: list[Lane]) -> None:
    """End what still runs, as after an interrupt."""
    for lane in lanes:
        if lane.process.poll() is None:
            lane.process.terminate()
            lane.process.wait()


def finish(lanes: list[Lane]) -> None:
    """Wait for the lanes, and print the whole output of each at its end."""
    left = list(lanes)
    while left:
        for lane in [lane for lane in left if lane.process.poll() is not None]:
            lane.seconds = time.monotonic() - lane.start
            left.remove(lane)
            print(f"\n== {lane.name} ==\n{lane.text()}", flush=True)
        time.sleep(0.2)


def report(lanes: list[Lane], seconds: float) -> int:
    """Print a line for each lane and return the exit status: that of pytest, 5 where no test ran."""
    print()
    for lane in lanes:
        minutes, rest = divmod(round(lane.seconds), 60)
        print(f"{lane.name}: {minutes} min {rest:02d} s, exit status {lane.process.returncode}: {lane.closing()}")
    minutes, rest = divmod(round(seconds), 60)
    print(f"both lanes: {minutes} min {rest:02d} s", flush=True)
    return max(abs(lane.process.returncode) for lane in lanes)


if __name__ == "__main__":
    sys.exit(run("all" if sys.argv[1:] == ["all"] else "few"))
