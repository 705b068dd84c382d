"""Download of pinned package archives by pip, which is neither told nor asked which index it uses.

pip runs in a process of its own with the configuration of the machine, so that mirrors, proxies and certificates work
as for every other package. Only the file with the expected checksum is accepted. Nothing is installed. A wheel is only
copied; of a source distribution pip asks the name and version, which runs its ``setup.py``: that file, too, is the one
that was read when its checksum was written down.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from core.errors import DownloadFailed, StorageFull, Unavailable

SECONDS: Final = 300.0
# A wheel with compiled parts has a file for each platform; its data are the same, and one of them is pinned.
_WHEEL: Final = (
    "--only-binary=:all:", "--platform=manylinux_2_17_x86_64", "--platform=any", "--python-version=311",
    "--implementation=cp", "--abi=cp311", "--abi=none",
)  # fmt: skip
_SOURCE: Final = ("--no-binary=:all:", "--no-build-isolation")
_QUIET: Final = ("--quiet", "--disable-pip-version-check", "--no-input", "--retries=1", "--timeout=15")


@dataclass(frozen=True)
class Package:
    """One archive: name and version of the package, SHA-256 of the file, and whether it is a wheel or the source."""

    name: str
    version: str
    sha256: str
    wheel: bool = True

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def download_package(package: Package, folder: Path) -> Path:
    """Download an archive to a folder and return its path.

    Raises
    ------
    DownloadFailed
        No package index can be reached, none has this version, or the file has another checksum.
    StorageFull
        The disk has no room for it.
    Unavailable
        pip is not installed beside this Python.
    """
    if find_spec("pip") is None:
        raise Unavailable(
            f"{package} cannot be downloaded: pip is not installed beside {sys.executable}.",
            "Install pip there, or add files with: masldatlas references add FILE.",
        )
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n", "utf-8")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", *_QUIET]
        command += [*(_WHEEL if package.wheel else _SOURCE), "--dest", scratch, "--requirement", str(wanted)]
        try:
            ended = subprocess.run(  # noqa: S603 - the command is ours
                command, capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired as error:
            raise DownloadFailed(f"{package} was not downloaded within {SECONDS:.0f} seconds.", _REMEDY) from error
        files = [path for path in Path(scratch).iterdir() if path != wanted]
        if _FULL in ended.stderr:
            raise StorageFull(
                f"The disk that holds {folder} is full; {package} was not downloaded.", "Free some space."
            )
        if ended.returncode or len(files) != 1:
            raise DownloadFailed(*_reason(package, ended.stderr))
        if hashlib.sha256(files[0].read_bytes()).hexdigest() != package.sha256:
            raise DownloadFailed(*_reason(package, _ALTERED))
        return files[0].replace(folder / files[0].name)


_REMEDY: Final = "Connect this machine to a package index, or add files with: masldatlas references add FILE."
_FULL: Final = "No space left on device"
_ALTERED: Final = "DO NOT MATCH THE HASHES"


def _reason(package: Package, output: str) -> tuple[str, str]:
    """Return message and remedy of a failure; the output of pip may name hosts and passwords and is not shown."""
    if _ALTERED in output:
        return (
            f"{package} was refused: the file has another checksum than the one that was checked for this program.",
            "Ask the operator of the package index.",
        )
    return f"{package} cannot be downloaded: pip reaches no package index that has it.", _REMEDY
