"""Import in a child process that is watched: what a file does to its reader is a sentence here, and nothing more.

Damaged files make HDF5 loop without heeding signals, or write where it should not. The child is ended when it reports
no progress for too long, and at once when this process is told to stop.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from core import errors
from core.atlas.paths import AtlasId, one_line
from core.errors import AtlasError, InvalidFile, Unavailable
from core.ingest.import_request import encode
from core.ingest.store_swap import recover
from core.system.logs import logger
from core.system.threads import shared

if TYPE_CHECKING:
    from types import TracebackType
    from typing import IO, Self

    from core.ingest.import_request import ImportRequest
    from core.ingest.importer import Report

LIMIT: Final = 120.0
# A UMAP of millions of cells is one long call, and reads nothing of the file.
PATIENT: Final = {"computing a UMAP": 2 * 3600.0}
# Its libraries may have to be read from a slow disk.
START_SECONDS: Final = 180.0
END_SECONDS: Final = 10.0
PIECE: Final = 65_536
STOP: Final = b"stop\n"

log = logger(__name__)


class ImportProcess:
    """Child process that imports one file after another; use as a context manager.

    Attributes
    ----------
    peak_bytes
        Largest resident memory of the last import; 0 before the first.
    """

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._errors: IO[bytes] | None = None
        self._rest = b""
        self._is_asked = False

    def run(
        self, request: ImportRequest, data: Path, report: Report, threads: int = 2, limit: float = LIMIT
    ) -> AtlasId:
        """Import a file as `core.ingest.importer.import_file` does, from which the parameters and errors come.

        Parameters
        ----------
        limit
            Seconds without a report after which the import is ended.

        Raises
        ------
        InvalidFile
            Beside the reasons of the importer: the import stood still, crashed, or ran out of memory.
        """
        with self._lock:
            import_ = _Import(self, request, data, report, limit)
            self._is_asked = False
            try:
                return import_.run(threads)
            finally:
                if not import_.has_ended:
                    self._stop()
                    recover(data)

    def close(self) -> None:
        """End the child process."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._errors is not None:
            self._errors.close()
        self._channel, self._process, self._errors, self._rest = None, None, None, b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, line: bytes) -> None:
        """Hand a request to the child, which is started unless it runs."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._start()
            if self.receive(START_SECONDS) is None:
                self._kill()
                raise Unavailable("The process that imports files does not start.", "Import again.")
        if self._channel is None or self._errors is None:
            raise AssertionError("the child process has just been started")
        # The child writes where this description of the file points to.
        os.ftruncate(self._errors.fileno(), 0)
        os.lseek(self._errors.fileno(), 0, os.SEEK_SET)
        self._is_asked = True
        self._channel.sendall(line)

    def receive(self, limit: float) -> dict[str, Any] | None:
        """Wait for a message; None after so many seconds without one."""
        if self._channel is None:
            raise AssertionError("nothing has been sent")
        while b"\n" not in self._rest:
            if not select.select([self._channel], [], [], limit)[0]:
                return None
            piece = self._channel.recv(PIECE)
            if not piece:
                raise Unavailable("The process that imports files has ended.", self.last_words() or "Import again.")
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def last_words(self) -> str:
        """Return what the child has written to stderr since the last request."""
        written = b"" if self._errors is None else os.pread(self._errors.fileno(), PIECE, 0)
        return written.decode(errors="replace").strip()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        with theirs:
            # In a group of its own, as Ctrl-C in a terminal is sent to the whole group, and it is for us to pass it on.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, arguments as a list
                [sys.executable, "-m", "core.ingest.import_server", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[theirs.fileno()],
                cwd=Path(__file__).parents[2],
                process_group=0,
            )
        self._channel = ours

    def _stop(self) -> None:
        """End the import in progress; the child itself goes on, unless it does not even answer."""
        try:
            if self._channel is not None and self._is_asked:
                self._channel.sendall(STOP)
                while (message := self.receive(END_SECONDS)) is not None:
                    if "ended" in message:
                        return
        except (OSError, Unavailable) as error:
            log.debug("the process that imports files has ended", reason=str(error))
        self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        self.close()


class _Import:
    def __init__(
        self, process: ImportProcess, request: ImportRequest, data: Path, report: Report, limit: float
    ) -> None:
        self.has_ended = False
        self._process = process
        self._request = request
        self._data = data
        self._name = one_line(request.path.name)
        self._report = report
        self._limit = limit
        self._step = "opening"

    def run(self, threads: int) -> AtlasId:
        self._process.send(encode(self._request, self._data, threads))
        outcome: dict[str, Any] = {}
        while True:
            limit = max(self._limit, PATIENT.get(self._step, 0.0))
            message = self._process.receive(limit)
            if message is None:
                raise InvalidFile(
                    f"The import of {self._name} made no progress for {limit:g} s while {self._step}, and was ended.",
                    "The file may be damaged: copy or download it again; or give it longer with "
                    "MASLDATLAS_IMPORT_TIMEOUT.",
                )
            if "step" in message:
                self._step = message["step"]
                self._report(self._step, message["done"])
            elif "ended" in message:
                self.has_ended = True
                self._process.peak_bytes = message["peak"]
                return self._result(outcome, message["ended"])
            else:
                outcome = message

    def _result(self, outcome: dict[str, Any], code: int) -> AtlasId:
        if "atlas" in outcome:
            return AtlasId.parse(outcome["atlas"])
        if not outcome:
            recover(self._data)
        if outcome.get("error") == "MemoryError" or code == -signal.SIGKILL:
            raise InvalidFile(
                f"The import of {self._name} ran out of memory while {self._step}.",
                "Give it more, or import a sample of the cells with --subset.",
            )
        if not outcome:
            log.debug("an import crashed", file=self._name, code=code, output=self._process.last_words())
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise InvalidFile(
                f"The import of {self._name} crashed while {self._step} ({how}); nothing was imported.",
                "The file is damaged or was made to do harm: copy or download it again.",
            )
        if outcome["error"] != "Exception":
            kind: type[AtlasError] = getattr(errors, outcome["error"])
            raise kind(outcome["message"], outcome["remedy"])
        log.debug("an import failed", file=self._name, output=outcome["trace"])
        raise InvalidFile(
            f"{self._name} cannot be imported: while {self._step}, {outcome['reason']}.",
            "If anndata reads the file, please report this with the log at MASLDATLAS_LOG_LEVEL=DEBUG.",
        )


_SHARED: Final = ImportProcess()


def import_watched(
    request: ImportRequest, data: Path, report: Report, threads: int = 2, limit: float = LIMIT
) -> AtlasId:
    """Import a file in the child process that all imports of this process share; see `ImportProcess.run`."""
    shared.on_close(_SHARED.close)
    return _SHARED.run(request, data, report, threads, limit)
