"""The tests of the scripts of the browser (``*.test.js`` beside this file), run by the node of Playwright's wheel."""

import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

HERE = Path(__file__).parent
# Seconds: of a single test, and of all of them on a busy machine.
TEST_LIMIT, LIMIT = 20, 120


def test_node_finds_no_fault_in_the_scripts():
    node, _ = compute_driver_executable()
    files = sorted(str(file) for file in HERE.glob("*.test.js"))
    assert files
    run = subprocess.run(
        [node, "--test", f"--test-timeout={TEST_LIMIT * 1000}", "--test-reporter=tap", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
    counts = dict(line[2:].rsplit(" ", 1) for line in run.stdout.splitlines()[-8:] if line.startswith("# "))
    assert int(counts["pass"]) == int(counts["tests"]) > len(files)
