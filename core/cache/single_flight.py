"""Single flight: of the threads that want the same thing at the same time, one fetches it for all."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class _Abandoned(Exception):
    """The thread that fetched was told to end; somebody else has to."""


class _Flight(Generic[Result]):
    def __init__(self) -> None:
        self.future: Future[Result] = Future()
        self.owner = get_ident()


class Flights(Generic[Result]):
    """Fetches under way, by key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: dict[str, _Flight[Result]] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    def join(self, key: str, fetch: Callable[[], Result], waits: Callable[[], None]) -> tuple[Result, bool]:
        """Fetch, or wait for the thread that is fetching; whether it was fetched by this one.

        An exception of `fetch` reaches everybody who waits, and nobody who comes later.

        Parameters
        ----------
        key : what is fetched
        fetch : called by one thread; asking for the same key in it just calls it again
        waits : called before waiting
        """
        while True:
            with self._lock:
                flight = self._under_way.get(key)
                leads = flight is None
                if flight is None:
                    flight = self._under_way[key] = _Flight()
            if leads:
                return self._lead(key, flight, fetch), True
            if flight.owner == get_ident():
                return fetch(), True
            waits()
            try:
                return flight.future.result(), False
            except _Abandoned:
                continue

    def _lead(self, key: str, flight: _Flight[Result], fetch: Callable[[], Result]) -> Result:
        try:
            result = fetch()
        except BaseException as error:
            self._end(key)
            # A thread that is told to end says nothing about the question.
            flight.future.set_exception(error if isinstance(error, Exception) else _Abandoned())
            raise
        self._end(key)
        flight.future.set_result(result)
        return result

    def _end(self, key: str) -> None:
        with self._lock:
            del self._under_way[key]
