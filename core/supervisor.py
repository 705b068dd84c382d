"""Imports that nobody types: dropped files and the demo, one at a time, each in a process of its own.

A thread of the web process looks at ``<data>/datasets/<Species>/*.h5ad`` every other second. A file that has not
changed between two looks is handed to ``masldatlas import``; the state files that this writes are what the home page
shows. Of several web processes on one data directory only one looks, held by a lock.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import IO, TYPE_CHECKING

from filelock import FileLock, Timeout

from core.catalog import Catalog
from core.demo.catalogue import DEMO
from core.imports import ImportState, clear_state, read_states, write_state
from core.ingest.recovery import recover
from core.logs import logger
from core.manifest import SPECIES, Species
from core.places import AtlasId, Places, name_from
from core.settings import child_environment

if TYPE_CHECKING:
    from core.settings import Settings

log = logger(__name__)
INTERVAL = 2.0
POLL = 0.2
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class DropIn:
    """One file below ``datasets/``."""

    path: Path
    atlas: AtlasId
    bytes: int
    mtime_ns: int


def drop_ins(places: Places) -> list[DropIn]:
    """The files to import, by species and name; a directory that names no species is passed over."""
    found: list[DropIn] = []
    for directory in sorted(places.datasets.glob("*/")):
        species = directory.name.lower()
        if species not in SPECIES:
            continue
        for path in sorted(directory.glob("*.h5ad")):
            try:
                stat = path.stat()
            except OSError:
                # Gone between the listing and the look, or a dangling link: there is nothing to import.
                continue
            if path.is_file() and not path.name.startswith("."):
                atlas = AtlasId(_species(species), name_from(path.stem))
                found.append(DropIn(path, atlas, stat.st_size, stat.st_mtime_ns))
    return found


class Supervisor:
    """Watches, queues and imports until stopped.

    Parameters
    ----------
    settings
        Handed on to the importing processes.
    with_demo
        Whether to prepare the demo when there is no atlas and no file at all.
    """

    def __init__(self, settings: Settings, *, with_demo: bool = True) -> None:
        self._settings = settings
        self._places = Places(settings.data_dir)
        self._catalog = Catalog(settings.data_dir)
        self._with_demo = with_demo
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="imports", daemon=True)
        self._seen: dict[Path, tuple[int, int]] = {}

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and the import in progress with it; it is taken up again at the next start."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            self._places.imports.mkdir(parents=True, exist_ok=True)
            while not self._stopped.is_set():
                try:
                    with FileLock(self._places.imports / "supervisor.lock", timeout=0):
                        self._supervise()
                except Timeout:
                    self._stopped.wait(INTERVAL)
        except OSError as error:
            log.error("files dropped into the data directory are not imported", reason=str(error))  # noqa: TRY400 - the reason says it all

    def _supervise(self) -> None:
        recover(self._settings.data_dir)
        self._tidy()
        if (
            self._with_demo
            and not self._catalog.ids()
            and not drop_ins(self._places)
            and not read_states(self._settings.data_dir)
        ):
            for demo in DEMO:
                write_state(
                    self._settings.data_dir,
                    ImportState(id=str(demo.atlas), phase="waiting", kind="demo", title=demo.title),
                )
        while not self._stopped.is_set():
            self._queue()
            job = next((state for state in read_states(self._settings.data_dir) if state.phase == "waiting"), None)
            if job is None:
                self._stopped.wait(INTERVAL)
            else:
                self._work(job)

    def _tidy(self) -> None:
        """Put imports that a dead process left behind back into the queue."""
        for state in read_states(self._settings.data_dir):
            if state.phase == "importing" and not self._is_locked(state):
                if state.kind == "demo" or Path(state.file).is_relative_to(self._places.datasets):
                    write_state(
                        self._settings.data_dir,
                        state.model_copy(update={"phase": "waiting", "fraction": 0.0, "step": ""}),
                    )
                else:
                    clear_state(self._settings.data_dir, AtlasId.parse(state.id))

    def _is_locked(self, state: ImportState) -> bool:
        try:
            with FileLock(self._places.lock(AtlasId.parse(state.id)), timeout=0):
                return False
        except Timeout:
            return True

    def _queue(self) -> None:
        """Put new and changed files into the queue."""
        states = {state.id: state for state in read_states(self._settings.data_dir)}
        sources = {manifest.id: manifest.source for manifest in self._catalog.manifests()}
        present = drop_ins(self._places)
        for drop in present:
            stamp = (drop.bytes, drop.mtime_ns)
            settled = self._seen.get(drop.path) == stamp
            self._seen[drop.path] = stamp
            state, source = states.get(str(drop.atlas)), sources.get(str(drop.atlas))
            if state is not None and (state.file, state.bytes, state.mtime_ns) == (str(drop.path), *stamp):
                continue
            if source is not None and (source.file, source.bytes, source.mtime_ns) == (drop.path.name, *stamp):
                continue
            fresh = ImportState(
                id=str(drop.atlas),
                phase="waiting",
                title=drop.path.name,
                file=str(drop.path),
                bytes=drop.bytes,
                mtime_ns=drop.mtime_ns,
            )
            if source is not None and source.file != drop.path.name:
                error = f"The id {drop.atlas} is taken by an atlas made from {source.file}. Rename {drop.path.name}."
                write_state(self._settings.data_dir, fresh.model_copy(update={"phase": "failed", "error": error}))
            elif settled:
                write_state(self._settings.data_dir, fresh)
        kept = {str(drop.path) for drop in present}
        for state in states.values():
            # A file that was taken away again needs no import, and its failure no mention.
            if state.kind == "file" and state.phase != "importing" and state.file and state.file not in kept:
                clear_state(self._settings.data_dir, AtlasId.parse(state.id))

    def _work(self, job: ImportState) -> None:
        """Run one import to its end, or the demo, and note a death without a word as a failure."""
        log.info("import started", atlas=job.id, file=job.file or "demo")
        with tempfile.TemporaryFile() as errors:
            process = self._spawn(job, errors)
            while process.poll() is None:
                if self._stopped.wait(POLL):
                    process.terminate()
                    try:
                        process.wait(STOP_SECONDS)
                    except subprocess.TimeoutExpired:
                        process.kill()
                    return
                self._queue()
            errors.seek(0)
            told = errors.read().decode(errors="replace").strip().splitlines()
        self._note_end(job, process.returncode, told[-1] if told else "")

    def _spawn(self, job: ImportState, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "core.cli"]
        if job.kind == "demo":
            command += ["demo", "--tracked"]
        else:
            atlas = AtlasId.parse(job.id)
            command += ["import", job.file, "--species", atlas.species, "--name", atlas.name, "--replace", "--tracked"]
        return subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
            command,
            env=child_environment(self._settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=Path(__file__).parent.parent,
        )

    def _note_end(self, job: ImportState, code: int, told: str) -> None:
        if code == 0:
            log.info("import finished", atlas=job.id)
            return
        log.warning("import failed", atlas=job.id, code=code, reason=told)
        for state in read_states(self._settings.data_dir):
            if state.id == job.id and state.phase in ("waiting", "importing"):
                why = (
                    f"it was killed (signal {-code}); it may need more memory"
                    if code < 0
                    else told or f"exit code {code}"
                )
                write_state(
                    self._settings.data_dir,
                    state.model_copy(update={"phase": "failed", "error": f"The import ended early: {why}."}),
                )


def _species(text: str) -> Species:
    return next(species for species in SPECIES if species == text)  # pyright: ignore[reportReturnType] - SPECIES holds each Species
