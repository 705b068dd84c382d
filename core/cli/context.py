"""What commands share: settings on demand, progress on stderr."""

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
    """The server of the dashboard, which `app.main` hands in: nothing below it knows the web application."""

    def __call__(self, settings: Settings, *, listening: Callable[[], None] | None) -> None:
        """Serve until told to stop; `listening` is called once the port is taken."""
        ...


class Context:
    """State that every command gets; settings are read at first use, so that ``--help`` always works."""

    def __init__(self, data_dir: Path | None, serve: Serve | None = None) -> None:
        self._data_dir = data_dir
        self._serve = serve
        self.overrides: dict[str, object] = {}

    @cached_property
    def settings(self) -> Settings:
        """The settings, with options above the environment; logging and numba's cache follow them."""
        settings = load(data_dir=self._data_dir, **self.overrides)
        configure(settings)
        use_numba_cache(settings)
        return settings

    def serve(self, listening: Callable[[], None] | None) -> None:
        """Serve the dashboard until interrupted; see `app.serve`.

        Raises
        ------
        InvalidSettings
            This program was started without its web application.
        """
        if self._serve is None:
            raise InvalidSettings("This is the command line alone, without the dashboard.", "Run `masldatlas serve`.")
        self._serve(self.settings, listening=listening)

    @contextmanager
    def services(self) -> Generator[Services, None, None]:
        """The services of one command: workers of its own, which end with it, and no cache."""
        from core.compute.executor import own_workers
        from core.services.container import Services

        settings = self.settings.model_copy(update={"correlation_cache": False})
        pool = own_workers(settings)
        try:
            yield Services.of(settings, own_workers=pool)
        finally:
            pool.close()

    def writable_data(self, otherwise: str = "") -> Path:
        """The data directory, made if need be, for a command that writes to it; `otherwise` is another way out.

        Raises
        ------
        InvalidSettings
            It cannot be made or written to.
        """
        data = self.settings.data_dir
        try:
            data.mkdir(parents=True, exist_ok=True)
            # Permissions do not tell: root may write anywhere but to a file system that is mounted read-only.
            with tempfile.TemporaryFile(dir=data):
                return data
        except OSError as error:
            raise InvalidSettings(
                f"The data directory {data} cannot be written to ({(error.strerror or str(error)).lower()}).",
                f"Choose another with --data-dir or MASLDATLAS_DATA_DIR{otherwise}.",
            ) from error


class Stop:
    """SIGTERM and SIGINT as ordinary exits, so that everything half-written is deleted on the way out.

    An exception that arises in a callback of the garbage collector is lost, and so then is the signal; what an import
    reports through `watched` is where it is remembered.
    """

    def __init__(self) -> None:
        self._signal = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def watched(self, report: Report) -> Report:
        """The same report, but that it raises once a signal has come; what is finished is finished."""

        def watching(step: str, fraction: float) -> None:
            if self._signal and fraction < 1:
                self._leave()
            report(step, fraction)

        return watching

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        self._leave()

    def _leave(self) -> NoReturn:
        if self._signal == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + self._signal)
