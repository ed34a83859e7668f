"""Work that begins before its turn, in a thread of its own, where a machine has cores for both."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from signals.domain.errors import Cancelled
from signals.domain.protocols import Progress

T = TypeVar("T")

ENOUGH_CORES = 4
"""Fewer are kept busy by one engine alone, and two would only wait for each other."""
_LOOK = 0.2
"""Seconds between two looks at how far the work is."""


class Alongside(Generic[T]):
    """One piece of work. Leaving the context stops it at its next report of progress and waits for it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="alongside")
        self._stop = threading.Event()
        self._done = 0.0
        self._future: Future[T] | None = None

    def start(self, work: Callable[[Progress], T]) -> None:
        """Begins; what `work` raises, `result` raises."""
        self._future = self._pool.submit(work, self._report)

    def result(self, progress: Progress, otherwise: Callable[[], T]) -> T:
        """Waits for the work, telling `progress` how far it is; does `otherwise` where it was never started."""
        if self._future is None:
            return otherwise()
        while not wait((self._future,), timeout=_LOOK).done:
            progress(self._done)
        return self._future.result()

    def __enter__(self) -> Alongside[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _report(self, done: float) -> None:
        self._done = done
        if self._stop.is_set():
            raise Cancelled
