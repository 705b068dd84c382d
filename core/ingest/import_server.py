"""Child process that imports files for another process, so that a file can end or hold up no process but its own.

The server imports the libraries once and forks for every import. It speaks with its owner over a socket, a JSON text a
line: a request comes in; reports, the outcome and the end of the fork go out. When the owner sends `STOP`, or is gone,
the fork is killed, which nothing in a library can ignore.
"""

from __future__ import annotations

import errno
import faulthandler
import json
import os
import select
import signal
import socket
import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from core.atlas.level_blocks import built, counts_of
from core.errors import AtlasError
from core.ingest.bounds import NOTE_LENGTH, shorten
from core.ingest.import_request import decode
from core.ingest.importer import import_file
from core.kernels.summary import gene_summary
from core.system.child_process import end_with_parent

if TYPE_CHECKING:
    from typing import IO

    Message: TypeAlias = dict[str, Any]

STOP = b"stop\n"
PIECE = 65_536


def serve(channel: socket.socket) -> None:
    """Import what is asked for, one file at a time, until the owner closes the channel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    _send(channel, {"ready": True})
    while line := _line(channel):
        # One that came as an import ended by itself.
        if line != STOP:
            _fork(channel, line)


def _line(channel: socket.socket) -> bytes:
    """Read a line byte by byte, so that what comes after it stays in the socket; empty at its end."""
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = channel.recv(1)
        if not piece:
            return b""
        line += piece
    return bytes(line)


def _load() -> None:
    """Load what every import needs, before the first fork: libraries and compiled loops."""
    import_module("anndata")
    for dtype in (np.float32, np.float64):
        one = built(np.ones(1, dtype=dtype), np.zeros(1, dtype=np.int32), np.array([0, 1], dtype=np.int64), 1)
        gene_summary(one.block.values, one.counts, one.block.value_starts, 1)
        one.block.nonzeros(0)
        if dtype == np.float32:
            counts_of(one.block, np.full(1, 1e4 / np.expm1(1)), one.block.dtype)


def _fork(channel: socket.socket, line: bytes) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        channel.close()
        with os.fdopen(writer, "w", encoding="ascii") as out:
            _work(line, out)
        os._exit(0)
    os.close(writer)
    try:
        _relay(channel, reader, child)
    finally:
        os.close(reader)
    _, status, usage = os.wait4(child, 0)
    _send(channel, {"ended": os.waitstatus_to_exitcode(status), "peak": usage.ru_maxrss * 1024})


def _relay(channel: socket.socket, reader: int, child: int) -> None:
    """Pass on the lines of a fork until it ends; kill it when the owner wants that, or is gone."""
    rest = b""
    while True:
        ready, _, _ = select.select([reader, channel], [], [])
        if channel in ready:
            # Nothing else comes while an import runs.
            os.kill(child, signal.SIGKILL)
            _line(channel)
            return
        piece = os.read(reader, PIECE)
        if not piece:
            return
        lines, newline, rest = (rest + piece).rpartition(b"\n")
        channel.sendall(lines + newline)


def _work(line: bytes, out: IO[str]) -> None:
    """Import, in the fork, and say how it ended."""
    faulthandler.enable()
    end_with_parent()

    def say(message: Message) -> None:
        out.write(f"{json.dumps(message)}\n")
        out.flush()

    try:
        request, data, threads = decode(line)
        atlas = import_file(request, data, lambda step, done: say({"step": step, "done": done}), threads)
    except AtlasError as error:
        say(
            {
                "error": type(error).__name__,
                "message": shorten(error.message, NOTE_LENGTH),
                "remedy": shorten(error.remedy, NOTE_LENGTH),
            }
        )
    except MemoryError:
        say({"error": "MemoryError"})
    except OSError as error:
        if error.errno == errno.ENOMEM:
            say({"error": "MemoryError"})
        elif error.filename is not None:
            say({"error": "InvalidInput", "message": f"{error.filename}: {error.strerror}.", "remedy": ""})
        else:
            say(_unexpected(error))
    except Exception as error:  # noqa: BLE001 - told to the owner
        say(_unexpected(error))
    else:
        say({"atlas": str(atlas)})


def _unexpected(error: Exception) -> Message:
    reason = shorten(traceback.format_exception_only(error)[-1], NOTE_LENGTH)
    return {"error": "Exception", "reason": reason, "trace": traceback.format_exc()}


def _send(channel: socket.socket, message: Message) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
    # Python would take apart a second's worth of libraries first, and the owner waits.
    os._exit(0)
