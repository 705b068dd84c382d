"""A process of its own that serves apps, each on a port of its own, as the tests tell it over a pipe."""

import multiprocessing
import os
import threading
import warnings
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

# What pyproject.toml lets through in the process of the tests.
LET_THROUGH = (".*was written without encoding metadata", "Some cells have zero counts")


class ServingProcess:
    """The end of the pipe in the process of the tests."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=_obey, args=(there,), daemon=True, name="server of the tests")
        self._process.start()
        there.close()

    def start(self, data: Path, plotly: Path | None = None, **settings: object) -> str:
        """Serve a data directory; return the address."""
        return self._ask("start", data, plotly, settings)

    def stop(self, url: str) -> None:
        """Serve an address no more."""
        self._ask("stop", url)

    def setattr(self, target: str, value: object) -> None:
        """Replace what is at ``module.name`` until `undo`; the value must be picklable."""
        self._ask("setattr", target, value)

    def setenv(self, name: str, value: str) -> None:
        """Set a variable of the environment until `undo`."""
        self._ask("setenv", name, value)

    def undo(self) -> None:
        """Take back what was replaced and set."""
        self._ask("undo")

    def close(self) -> None:
        """Stop all apps and end the process."""
        if self._process.is_alive():
            with suppress(BrokenPipeError):
                self._pipe.send(None)
            self._process.join(timeout=20)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def _ask(self, order: str, *arguments: object) -> object:
        self._pipe.send((order, arguments))
        try:
            answer, error = self._pipe.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"The server process ended with {self._process.exitcode} at {order}.") from None
        if error is not None:
            raise error
        return answer


class _Apps:
    """The apps of the process, by their addresses."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._running: dict[str, tuple[object, threading.Thread]] = {}
        self.setattr = patch.setattr
        self.setenv = patch.setenv
        self.undo = patch.undo

    def start(self, data: Path, plotly: Path | None, settings: dict[str, object]) -> str:
        from waitress.server import create_server

        from app import create_app
        from core.settings.settings import load
        from core.system.logs import configure
        from core.web import static_files

        with pytest.MonkeyPatch.context() as patch:
            if plotly is not None:
                patch.setattr(static_files, "STRICT_PLOTLY", plotly)
            loaded = load(data_dir=data, port=0, log_level="WARNING", **settings)
            configure(loaded)
            app = create_app(loaded)
        # Dash makes its routes at the first request; two at once would race for it on some versions.
        app.server.test_client().get("/")
        server = create_server(app.server, host="127.0.0.1", port=0, threads=8, ident=None)
        thread = threading.Thread(target=server.run, name=f"server of {data.name}", daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.effective_port}"
        self._running[url] = (server, thread)
        return url

    def stop(self, url: str) -> None:
        from waitress import wasyncore

        server, thread = self._running.pop(url)
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(timeout=10)
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)

    def close(self) -> None:
        for url in list(self._running):
            self.stop(url)


def _obey(pipe: Connection) -> None:
    """Do what is asked until nothing more is, or until the tests are gone."""
    from core.web import static_files

    # Each app compresses what its pages load anew: two seconds at the level of the product.
    static_files.BROTLI_LEVEL = 1
    warnings.simplefilter("error")
    for message in LET_THROUGH:
        warnings.filterwarnings("ignore", message)
    with pytest.MonkeyPatch.context() as patch:
        apps = _Apps(patch)
        while True:
            try:
                order = pipe.recv()
            except EOFError:
                break
            if order is None:
                break
            name, arguments = order
            try:
                answer = (getattr(apps, name)(*arguments), None)
            except Exception as error:  # noqa: BLE001 - the tests are told of any
                answer = (None, error)
            pipe.send(answer)
        apps.close()
    # Threads of the apps are daemons or idle pools; nothing waits for them.
    os._exit(0)
