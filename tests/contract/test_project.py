"""Contracts on the repository: its top level, its locks, its version, and that it names no machine."""

import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).parents[2]
TOP_LEVEL = [
    "app.py",
    "pyproject.toml",
    "pages",
    "callbacks",
    "core",
    "assets",
    "deploy",
    "tests",
    "Makefile",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "requirements*.lock",
    ".*",
]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-cluster.lock")
# Put together from pieces, so that this file does not name what it looks for.
MACHINE = re.compile(r"(?<![\w./-])/(?:" + "|".join(["work", "root"]) + r")/")
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("pypi", "python", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("conda", "anaconda", "org"),
        ("proxy", "golang", "org"),
        ("static", "crates", "io"),
    )
]


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"git cannot list the tracked files: {error}")
    found = [name for name in listed.stdout.split("\0") if name]
    assert "pyproject.toml" in found
    return found


def unexpected(names: list[str]) -> set[str]:
    """Return what lies at the top level and was not agreed on."""
    tops = {name.split("/")[0] for name in names}
    return {top for top in tops if not any(fnmatch(top, pattern) for pattern in TOP_LEVEL)}


def lock_problems(text: str) -> list[str]:
    """Tell what is wrong with a lock: each requirement is pinned and hashed, and nothing says where from."""
    found = [
        f"{word} in the lock" for word in ("://", "index-url", "find-links", "trusted-host", " @ ") if word in text
    ]
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())
    for entry in entries:
        if entry.startswith("#"):
            continue
        if not re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[^\s;]+", entry):
            found.append(f"not pinned: {entry[:60]}")
        if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry):
            found.append(f"no hash: {entry[:60]}")
    return found


def text_problems(name: str, text: str) -> list[str]:
    """Tell where a text names a path of this machine or a package registry."""
    return [
        f"{name}:{number} names {word}"
        for number, line in enumerate(text.splitlines(), 1)
        for word in [
            *(found.group() for found in MACHINE.finditer(line)),
            *(host for host in REGISTRIES if host in line),
        ]
    ]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_top_level_is_as_agreed(tracked):
    assert unexpected(tracked) == set()


def test_the_top_level_contract_can_be_broken():
    assert unexpected(["app.py", "core/x.py", ".ci/run", "requirements-dev.lock"]) == set()
    assert unexpected(["app2.py", "data/x.h5ad", "core/x.py"]) == {"app2.py", "data"}


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_are_hashed_and_name_no_host(lock):
    assert lock_problems((ROOT / lock).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("numpy==2.4.6 ; python_version < '4' \\\n    --hash=sha256:" + "a" * 64 + "\n", None),
        ("numpy==2.4.6\n", "no hash"),
        ("numpy==2.4.6 \\\n    --hash=md5:" + "a" * 32, "no hash"),
        ("numpy>=2.4.6 \\\n    --hash=sha256:" + "a" * 64, "not pinned"),
        ("a==1 \\\n    --hash=sha256:" + "a" * 64 + "\nb==2\n", "no hash: b==2"),
        ("--index-url http" + "://host/simple\n", "index-url"),
        ("--find-links wheels\n", "find-links"),
        ("numpy @ http" + "://host/numpy.whl\n", " @ "),
    ],
)
def test_the_lock_contract_can_be_broken(text, problem):
    found = lock_problems(text)
    assert found == [] if problem is None else any(problem in it for it in found)


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {
        LOCKS[0]: project["dependencies"],
        LOCKS[1]: [*project["dependencies"], *project["optional-dependencies"]["dev"]],
        LOCKS[2]: [*project["dependencies"], *project["optional-dependencies"]["cluster"]],
    }
    for lock, requirements in asked.items():
        locked = {
            normal(name) for name in re.findall(r"^([\w.-]+)(?:\[.*\])?==", (ROOT / lock).read_text("utf-8"), re.M)
        }
        wanted = {normal(re.match(r"[\w.-]+", requirement).group()) for requirement in requirements}
        assert wanted <= locked, f"{lock} is stale: make lock"


def test_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert core.__version__ == project["version"]


def test_no_file_names_a_machine_or_a_registry(tracked):
    found = []
    for name in tracked:
        path = ROOT / name
        if path.is_symlink() or not path.is_file():  # removed, and not committed yet
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            found += text_problems(name, content.decode("utf-8", errors="replace"))
    assert found == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("data = '/" + "work/main/x'", True),
        ("cp /" + "root/.config .", True),
        (f"see https://{REGISTRIES[0]}/project/x", True),
        ("core/" + "work/x and ./" + "root/x and https://a.org/" + "work/", False),
        ("the root of the network", False),
    ],
)
def test_the_text_contract_can_be_broken(line, problem):
    assert bool(text_problems("x", line)) == problem
