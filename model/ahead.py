"""Work in a thread of its own while what comes next is read: two stages of a stream that overlap."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(work: Callable[[Item], Result], items: Iterable[Item], depth: int) -> Iterator[tuple[Item, Result]]:
    """Yield every item with what `work` makes of it, in order.

    `work` runs in one thread that this stream starts and ends, item after item; meanwhile the caller's thread reads on
    in `items` and uses the results. So `items` may be anything that belongs to the caller's thread, such as the rows of
    an SQLite cursor. Both stages are busy at once if `work` leaves the interpreter alone for most of its time, as ONNX
    Runtime does. A single item is worked on in the caller's thread.

    What `items` raises comes after the results for the items before it; what `work` raises comes in the place of its
    result. If the stream is closed early, or Ctrl-C is pressed, the item being worked on is finished, those that wait
    are dropped, and the thread is gone when the stream is.

    Args:
        work: is called with one item at a time, in order.
        items: what to work on; nothing is read from it before the first result is asked for.
        depth: how many items may wait for their results while the next is read, at least 1.
    """
    reader = iter(items)
    try:
        first = next(reader)
    except StopIteration:
        return
    try:
        second = next(reader)
    except StopIteration:
        yield first, work(first)
        return
    except Exception:
        yield first, work(first)
        raise
    yield from _overlapped(work, chain((first, second), reader), depth)


def _overlapped(work: Callable[[Item], Result], items: Iterator[Item], depth: int) -> Iterator[tuple[Item, Result]]:
    """Yield items and results as `ahead` does, with a thread."""
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    pool = ThreadPoolExecutor(1, "svodka-ahead")
    try:
        while True:
            try:
                item = next(items)
            except StopIteration:
                break
            except Exception:
                yield from _answered(waiting, 0)
                raise
            waiting.append((item, pool.submit(work, item)))
            yield from _answered(waiting, depth)
        yield from _answered(waiting, 0)
    finally:
        pool.shutdown(cancel_futures=True)


def _answered(waiting: deque[tuple[Item, Future[Result]]], depth: int) -> Iterator[tuple[Item, Result]]:
    """Yield the oldest items with their results until only `depth` are left."""
    while len(waiting) > depth:
        item, answer = waiting.popleft()
        yield item, answer.result()
