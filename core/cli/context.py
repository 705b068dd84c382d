"""Shared state of commands: settings, services, and handling of signals."""

from __future__ import annotations

import signal
import tempfile
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeAlias

from core.errors import InvalidSettings
from core.settings.settings import Settings, load, use_numba_cache
from core.system.logs import configure

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path
    from types import FrameType

    from core.services.container import Services

    Report: TypeAlias = Callable[[str, float], None]


class Serve(Protocol):
    """Function that runs the dashboard, passed in by `app.main` so that `core.cli` does not import the application."""

    def __call__(self, settings: Settings, *, listening: Callable[[], None] | None) -> None:
        """Serve until SIGTERM or SIGINT; `listening` is called once the port is bound."""
        ...


class Context:
    """State passed to every command; settings are read on first use, so that ``--help`` always works."""

    def __init__(self, data_dir: Path | None, serve: Serve | None = None) -> None:
        self._data_dir = data_dir
        self._serve = serve
        self.overrides: dict[str, object] = {}

    @cached_property
    def settings(self) -> Settings:
        """Settings from options and environment; options take precedence. Also configures logging and numba's cache."""
        settings = load(data_dir=self._data_dir, **self.overrides)
        configure(settings)
        use_numba_cache(settings)
        return settings

    def serve(self, listening: Callable[[], None] | None) -> None:
        """Serve the dashboard until interrupted; see `app.serve`.

        Raises
        ------
        InvalidSettings
            The command line was started without the web application.
        """
        if self._serve is None:
            raise InvalidSettings("The command line was started without the dashboard.", "Run `masldatlas serve`.")
        self._serve(self.settings, listening=listening)

    @contextmanager
    def services(self) -> Generator[Services, None, None]:
        """Provide the services of one command, without cache."""
        from core.services.container import Services

        services = Services.of(self.settings.model_copy(update={"correlation_cache": False}))
        try:
            yield services
        finally:
            services.close()

    def writable_data(self, otherwise: str = "") -> Path:
        """Return the data directory for a command that writes to it, and create the directory if necessary.

        Parameters
        ----------
        otherwise
            Alternative to add to the remedy of the error.

        Raises
        ------
        InvalidSettings
            The directory cannot be created or is not writable.
        """
        data = self.settings.data_dir
        try:
            data.mkdir(parents=True, exist_ok=True)
            # Permissions are no reliable test: root may write anywhere except to a read-only file system.
            with tempfile.TemporaryFile(dir=data):
                return data
        except OSError as error:
            raise InvalidSettings(
                f"The data directory {data} cannot be written to ({(error.strerror or str(error)).lower()}).",
                f"Choose another with --data-dir or MASLDATLAS_DATA_DIR{otherwise}.",
            ) from error


class Stop:
    """Handler that turns SIGTERM and SIGINT into ordinary exits, so that unfinished files are deleted.

    Python discards an exception raised in a callback of the garbage collector, and with it the signal. The progress
    reports of an import, wrapped by `watched`, therefore check for the signal again.
    """

    def __init__(self) -> None:
        self._signal = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def watched(self, report: Report) -> Report:
        """Wrap a progress report so that it exits after a signal, unless the work is finished."""

        def checked(step: str, fraction: float) -> None:
            if self._signal and fraction < 1:
                self._leave()
            report(step, fraction)

        return checked

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        self._leave()

    def _leave(self) -> NoReturn:
        if self._signal == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + self._signal)
