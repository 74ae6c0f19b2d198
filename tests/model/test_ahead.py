"""Two stages of a stream that overlap: order, errors, early ends, and no thread left behind."""

import itertools
import threading
import time

import pytest

from svodka.ahead import ahead


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("svodka-ahead")]


@pytest.fixture(autouse=True)
def no_thread_stays():
    yield
    assert threads() == []


def square(number):
    time.sleep(number % 3 / 1000)  # the second finishes before the first would, if they ran together
    return number * number


@pytest.mark.parametrize("depth", [1, 2, 7, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_items_come_in_order_with_their_results(count, depth):
    assert list(ahead(square, range(count), depth)) == [(i, i * i) for i in range(count)]


def test_nothing_is_read_before_the_first_result_is_asked_for():
    numbers = itertools.count()
    results = ahead(square, numbers, 2)
    assert next(numbers) == 0
    assert next(results) == (1, 1)
    results.close()


@pytest.mark.parametrize("depth", [1, 3])
def test_what_is_read_ahead_is_bounded(depth):
    taken = []
    results = ahead(square, (taken.append(i) or i for i in itertools.count()), depth)
    for i in range(20):
        assert next(results) == (i, i * i)
        assert len(taken) <= i + 1 + depth
    results.close()


def test_the_next_item_is_read_while_one_is_worked_on():
    read = [threading.Event() for _ in range(5)]

    def numbers():
        for i, event in enumerate(read):
            event.set()
            yield i

    def work(i):
        return read[min(i + 1, 4)].wait(timeout=10)  # without overlap the next would never be read

    assert list(ahead(work, numbers(), 1)) == [(i, True) for i in range(5)]


def test_items_are_read_in_the_callers_thread_and_worked_on_in_one_other():
    readers, workers = set(), set()

    def numbers():
        for i in range(5):
            readers.add(threading.get_ident())
            yield i

    list(ahead(lambda _: workers.add(threading.get_ident()), numbers(), 2))
    assert readers == {threading.get_ident()}
    assert len(workers) == 1
    assert readers.isdisjoint(workers)


def test_a_single_item_needs_no_thread():
    assert list(ahead(lambda _: threading.get_ident(), [7], 2)) == [(7, threading.get_ident())]


@pytest.mark.parametrize("good", [0, 1, 2, 5])
def test_what_was_read_before_an_error_comes_before_it(good):
    def numbers():
        yield from range(good)
        raise OSError("the disk is gone")

    seen = []
    with pytest.raises(OSError, match="the disk is gone"):
        seen.extend(ahead(square, numbers(), 2))  # extend keeps what came before
    assert seen == [(i, i * i) for i in range(good)]


@pytest.mark.parametrize("bad", [0, 1, 4])
def test_an_error_of_the_work_comes_in_the_place_of_its_result(bad):
    def work(i):
        if i == bad:
            raise ValueError(f"no {i}")
        return i

    seen = []
    with pytest.raises(ValueError, match=f"no {bad}"):
        seen.extend(ahead(work, range(10), 2))
    assert seen == [(i, i) for i in range(bad)]


def test_a_consumer_may_stop_early():
    worked = []
    results = ahead(worked.append, itertools.count(), 5)
    assert next(results) == (0, None)
    results.close()
    assert threads() == []
    assert len(worked) <= 7  # those that waited were dropped or done; nothing goes on


def test_ctrl_c_while_reading_leaves_no_thread():
    def numbers():
        yield from range(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        list(ahead(square, numbers(), 1))
    assert threads() == []


def test_streams_may_run_side_by_side():
    streams = [ahead(square, range(start, start + 20), 2) for start in (0, 100, 200)]
    for together in zip(*streams, strict=True):
        assert all(result == item * item for item, result in together)
