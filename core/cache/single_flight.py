"""Single flight: of threads that fetch the same key at the same time, one fetches for all."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Generic, TypeVar

from core.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class _Abandoned(Exception):
    """The fetching thread was interrupted; another thread has to fetch."""


class _Flight(Generic[Result]):
    def __init__(self) -> None:
        self.future: Future[Result] = Future()
        self.owner = get_ident()


class SingleFlight(Generic[Result]):
    """Fetches under way, by key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: dict[str, _Flight[Result]] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    def join(self, key: str, fetch: Callable[[], Result], waits: Callable[[], None]) -> tuple[Result, bool]:
        """Fetch, or wait for the thread that is fetching; return the result, and whether this thread fetched.

        An exception of `fetch` is raised in all waiting threads; later callers fetch again. After `Cancelled`, one of
        the waiting threads fetches instead.

        Parameters
        ----------
        key : identifies the result
        fetch : called by one thread; a nested call for the same key fetches directly
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
            # A thread that is told to end says nothing about the question, nor does a client that has gone.
            is_answer = isinstance(error, Exception) and not isinstance(error, Cancelled)
            flight.future.set_exception(error if is_answer else _Abandoned())
            raise
        self._end(key)
        flight.future.set_result(result)
        return result

    def _end(self, key: str) -> None:
        with self._lock:
            del self._under_way[key]
