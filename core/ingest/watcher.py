"""Automatic imports: dropped files and the demo, one at a time, each in a process of its own.

A thread of the web process looks at ``<data>/datasets/<Species>/*.h5ad`` every other second. A file that has not
changed in between is passed to ``masldatlas import``, whose state files the home page shows. Of several web processes
on one data directory only one looks, held by a lock.

Two files may claim one id (``a b.h5ad`` and ``a_b.h5ad``). Then the id belongs to the file that the atlas was made
from, or else to the first file; the other file is refused once there is an atlas, since an id has a single state.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Event
from typing import IO, TYPE_CHECKING

from filelock import FileLock, Timeout

from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState, clear_state, read_states, write_state
from core.atlas.manifest import SCHEMA_VERSION
from core.atlas.paths import AtlasId, Places, printable
from core.ingest.drop_folder import DropIn, drop_ins, overlooked, owners_of
from core.ingest.store_swap import SCRATCH, recover
from core.settings.settings import child_environment
from core.system.logs import logger
from core.system.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.settings.settings import Settings

log = logger(__name__)
INTERVAL = 2.0
POLL = 0.2
STOP_SECONDS = 10.0
TAIL_LINES = 30
# A damaged file can hold up HDF5 for ever. Nothing that goes well is silent for so long, but for a UMAP of millions.
SILENT_SECONDS = 2 * 3600.0
USER_ERROR = 2
SILENT = "it made no progress and was stopped; the file may be damaged"


class Supervisor:
    """Supervisor that watches, queues and imports until stopped.

    Parameters
    ----------
    settings
        Passed to the importing processes.
    demo
        Imports to begin with when there is no atlas and no file at all.
    """

    def __init__(self, settings: Settings, *, demo: Sequence[ImportState] = ()) -> None:
        self._settings = settings
        self._places = Places(settings.data_dir)
        self._catalog = Catalog(settings.data_dir)
        self._demo = demo
        self._stopped = Event()
        self._threads = Threads()
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}
        self._reported: set[object] = set()

    def start(self) -> None:
        """Start the thread."""
        self._threads.start("imports", self._run, self._stopped.set, 2 * STOP_SECONDS)

    def stop(self) -> None:
        """Stop, and end the import in progress, which starts again at the next start."""
        self._stopped.set()
        self._threads.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._places.imports.mkdir(parents=True, exist_ok=True)
                with FileLock(self._places.imports / "supervisor.lock", timeout=0):
                    self._supervise()
            except Timeout:
                # Another process watches this directory.
                pass
            except Exception as error:
                # A failed import must not stop the next one.
                reason = str(error)
                if reason not in self._reported:
                    self._reported.add(reason)
                    unexpected = not isinstance(error, OSError)
                    log.exception(
                        "files dropped into the data directory are not imported", reason=reason, exc_info=unexpected
                    )
            self._stopped.wait(INTERVAL)

    def _supervise(self) -> None:
        recover(self._settings.data_dir)
        self._tidy()
        if (
            self._demo
            and not self._catalog.ids()
            and not drop_ins(self._places)
            and not read_states(self._settings.data_dir)
        ):
            for state in self._demo:
                write_state(self._settings.data_dir, state)
        self._upgrade()
        while not self._stopped.is_set():
            if any(self._places.work.glob(f"{SCRATCH}*")):
                # Of an import that was killed a moment ago, and had not let go of its files yet.
                recover(self._settings.data_dir)
            self._queue()
            job = next((state for state in read_states(self._settings.data_dir) if state.phase == "waiting"), None)
            if job is None:
                self._stopped.wait(INTERVAL)
            else:
                self._work(job)

    def _upgrade(self) -> None:
        """Rewrite stores of version 1, one after another; each serves until its new one is complete."""
        for manifest in self._catalog.manifests():
            if manifest.schema_version == SCHEMA_VERSION or self._stopped.is_set():
                continue
            log.info("upgrade started", atlas=manifest.id)
            with tempfile.TemporaryFile() as errors:
                process = self._run_command(["datasets", "upgrade", manifest.id], errors)
                while process.poll() is None and not self._stopped.wait(POLL):
                    self._queue()
                if process.poll() is None:
                    _end(process)
                    return
                errors.seek(0)
                output = errors.read().decode(errors="replace").strip().splitlines()
            if process.returncode == 0:
                log.info("upgrade finished", atlas=manifest.id)
            else:
                reason = output[-1].removeprefix("masldatlas: ") if output else f"exit code {process.returncode}"
                log.warning("a store is not upgraded and is read more slowly", atlas=manifest.id, reason=reason)

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
        owners = owners_of(present, sources)
        for drop in present:
            is_settled = self._is_settled(drop)
            state, source = states.get(str(drop.atlas)), sources.get(str(drop.atlas))
            if state is not None and (state.file, state.bytes, state.mtime_ns) == (drop.key, *drop.stamp):
                continue
            if drop.problem:
                self._refuse(drop, drop.problem, state)
            elif source is not None and source.file != drop.name:
                self._refuse(drop, _taken(drop, source.file), state)
            elif owners[drop.atlas] is not drop:
                if source is not None:
                    self._refuse(drop, _taken(drop, owners[drop.atlas].key), state)
            elif is_settled and not (source is not None and drop.is_source_of(source)):
                write_state(self._settings.data_dir, _state_of(drop))
        for path, why in overlooked(self._places).items():
            self._report(printable(path), why)
        kept = {drop.key for drop in present}
        for state in states.values():
            # A file that was taken away again needs no import, and its failure no mention.
            if state.kind == "file" and state.phase != "importing" and state.file and state.file not in kept:
                clear_state(self._settings.data_dir, AtlasId.parse(state.id))

    def _is_settled(self, drop: DropIn) -> bool:
        """Tell whether a file has been the same for a while: one that is being copied grows."""
        now = time.monotonic()
        stamp, since = self._seen.get(drop.path, (None, now))
        if stamp != drop.stamp:
            since = now
            self._seen[drop.path] = (drop.stamp, now)
        return now - since >= INTERVAL

    def _refuse(self, drop: DropIn, why: str, state: ImportState | None) -> None:
        """Log, and show as a failure unless its id has a state of another file, why a file is not imported."""
        self._report(drop.key, why)
        if state is None or state.file == drop.key:
            write_state(self._settings.data_dir, _state_of(drop).model_copy(update={"phase": "failed", "error": why}))

    def _report(self, path: str, why: str) -> None:
        """Log once that a file is not imported."""
        if path not in self._reported:
            self._reported.add(path)
            log.warning("a file is not imported", file=path, reason=why)

    def _work(self, job: ImportState) -> None:
        """Run one import to its end, or the demo, and record a silent death as a failure."""
        log.info("import started", atlas=job.id, file=job.file or "demo")
        with tempfile.TemporaryFile() as errors:
            process = self._spawn(job, errors)
            try:
                while process.poll() is None and not self._stopped.wait(POLL):
                    self._queue()
                    if self._is_silent(job):
                        _end(process)
                        self._note_end(job, process.returncode, [SILENT])
                        return
            finally:
                ended = process.poll() is None
                if ended:
                    _end(process)
                    self._tidy()
            if ended:
                return
            errors.seek(0)
            output = errors.read().decode(errors="replace").strip().splitlines()
        self._note_end(job, process.returncode, output)

    def _is_silent(self, job: ImportState) -> bool:
        """Tell whether the import has made no progress for longer than any import that will end."""
        return any(time.time() - state.updated > SILENT_SECONDS for state in self._unfinished(job))

    def _spawn(self, job: ImportState, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        if job.kind == "demo":
            return self._run_command(["demo", "--tracked"], errors)
        atlas = AtlasId.parse(job.id)
        place = ["--species", atlas.species, "--name", atlas.name]
        return self._run_command(["import", job.file, *place, "--replace", "--tracked"], errors)

    def _run_command(self, arguments: Sequence[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
            [sys.executable, "-m", "core.cli", *arguments],
            env=child_environment(self._settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=Path(__file__).parents[2],
        )

    def _note_end(self, job: ImportState, code: int, output: list[str]) -> None:
        reason = output[-1].removeprefix("masldatlas: ") if output else ""
        if code == 0:
            log.info("import finished", atlas=job.id)
        else:
            # 2 is a sentence for the user; anything else an operator may want to see whole.
            more = {} if code == USER_ERROR else {"output": "\n".join(output[-TAIL_LINES:])}
            log.warning("import failed", atlas=job.id, code=code, reason=reason, **more)
            recover(self._settings.data_dir)
        killed = f"it was killed (signal {-code}); it may need more memory" if code < 0 else f"exit code {code}"
        why = reason if reason and (code >= 0 or output == [SILENT]) else killed
        for state in self._unfinished(job):
            failed = {"phase": "failed", "error": f"The import ended early: {why.rstrip('.')}."}
            write_state(self._settings.data_dir, state.model_copy(update=failed))

    def _unfinished(self, job: ImportState) -> list[ImportState]:
        """List the imports that a process has left unfinished at its end."""
        states = [state for state in read_states(self._settings.data_dir) if state.phase in ("waiting", "importing")]
        if job.kind == "demo":
            # One process prepares all that wait: what it was at has failed, and the rest gets another one.
            running = [state for state in states if state.kind == "demo" and state.phase == "importing"]
            return running or [state for state in states if state.id == job.id]
        # The file may have changed meanwhile; then it waits again, and rightly so.
        version = (job.id, job.file, job.bytes, job.mtime_ns)
        return [state for state in states if (state.id, state.file, state.bytes, state.mtime_ns) == version]


def _taken(drop: DropIn, owner: str) -> str:
    return f"The id {drop.atlas} is taken by an atlas made from {owner}. Rename {drop.name}."


def _state_of(drop: DropIn) -> ImportState:
    return ImportState(
        id=str(drop.atlas),
        phase="waiting",
        title=drop.name,
        file=drop.key,
        bytes=drop.bytes,
        mtime_ns=drop.mtime_ns,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
