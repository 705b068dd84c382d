"""Child process that computes one task for `core.compute.worker_process` and ends.

``python -m core.compute.worker FD MODULE:FUNCTION``: arguments come in over the socket, reports and the result go out.
Arrays travel as .npz, words as JSON; nothing is pickled. SIGTERM ends the process at once, even inside compiled code.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import signal
import sys
import traceback
from importlib import import_module
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from core.errors import AtlasError
from core.system.child_process import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Arrays: TypeAlias = Mapping[str, NDArray[Any]]
    Task: TypeAlias = Callable[[Arrays, Callable[[str, float], None]], dict[str, NDArray[Any]]]

# First byte of a message to the owner.
RESULT, WORDS = b"R", b"W"
OURS: Final = "core."


def encode(arrays: Arrays) -> bytes:
    """Write arrays as .npz."""
    buffer = io.BytesIO()
    named: dict[str, Any] = {name: np.asarray(array) for name, array in arrays.items()}
    np.savez(buffer, **named)
    return buffer.getvalue()


def decode(content: bytes) -> dict[str, NDArray[Any]]:
    """Read arrays back."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)


def compute(channel: Connection, name: str) -> None:
    """Compute a task, and tell the owner how it ended."""

    def say(**words: object) -> None:
        channel.send_bytes(WORDS + json.dumps(words).encode())

    try:
        result = _task(name)(decode(channel.recv_bytes()), lambda step, done: say(step=step, done=done))
    except AtlasError as error:
        say(error=type(error).__name__, message=error.message, remedy=error.remedy)
    except MemoryError:
        say(error="MemoryError")
    except Exception as error:  # noqa: BLE001 - told to the owner
        say(error="Exception", reason=traceback.format_exception_only(error)[-1].strip(), trace=traceback.format_exc())
    else:
        channel.send_bytes(RESULT + encode(result))


def _task(name: str) -> Task:
    module, _, function = name.partition(":")
    if not module.startswith(OURS):
        raise ValueError(f"{name!r} is not a task of this program")
    return getattr(import_module(module), function)


def main(descriptor: int, name: str) -> None:
    """Compute the task of this process, and end the process."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    with Connection(descriptor) as owner:
        compute(owner, name)
    # Python would take apart its libraries first, and the owner waits.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
