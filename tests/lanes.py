"""Run the tests in two lanes side by side: those without a browser, with coverage; and those that drive one, without.

``python -m tests.lanes`` runs of the slow tests a representative each; ``python -m tests.lanes all`` runs them all.
The kernels are compiled first and once, for every process of both lanes. The end prints the time of each lane and
pytest's closing line of each; the exit status is not 0 when a lane failed or ran no test.
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

LANES = {
    "without a browser": ["-m", "not e2e"],
    "end to end": ["-m", "e2e", "--no-cov"],
}
WARM = "from core.kernels.warm_up import warm_up; warm_up()"


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


def warm() -> float:
    """Compile the kernels into the directory that all processes share; return how many seconds that took."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", WARM], cwd=common.ROOT, check=True)
    return time.monotonic() - start


def run(slow: str) -> int:
    """Run both lanes to their ends, print what they print, and return the exit status."""
    start = time.monotonic()
    print(f"Compiled the kernels in {warm():.0f} s", flush=True)
    with ExitStack() as stack:
        lanes = []
        for name, options in LANES.items():
            output = stack.enter_context(tempfile.NamedTemporaryFile(prefix="lane-"))
            command = [sys.executable, "-m", "pytest", f"--slow={slow}", *options]
            process = subprocess.Popen(command, cwd=common.ROOT, stdout=output, stderr=subprocess.STDOUT)
            lanes.append(Lane(name, process, output, time.monotonic()))
        try:
            finish(lanes)
        finally:
            for lane in lanes:
                if lane.process.poll() is None:
                    lane.process.terminate()
                    lane.process.wait()
        return report(lanes, time.monotonic() - start)


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
