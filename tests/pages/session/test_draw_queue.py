"""Turns: one at a time, however a turn ends; what takes long lets others go first."""

from __future__ import annotations

import threading
import time

import pytest

from pages.session.draw_queue import letting_others_draw, one_at_a_time

WAIT = 20  # seconds until a thread that hangs is called that


def together(*each):
    """Run all in threads of their own, until they have ended."""
    threads = [threading.Thread(target=one, daemon=True) for one in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert not any(thread.is_alive() for thread in threads)


def test_of_many_that_draw_together_one_draws_at_a_time():
    drawing, most = [], []

    def draw():
        with one_at_a_time():
            drawing.append(1)
            most.append(len(drawing))
            time.sleep(0.002)  # long enough for another to begin, if it could
            drawing.pop()

    together(*[draw] * 20)
    assert most == [1] * 20


def test_a_turn_that_fails_or_is_stopped_is_over():
    for end in (ValueError, SystemExit):
        with pytest.raises(end), one_at_a_time():
            raise end

        with pytest.raises(end), one_at_a_time(), letting_others_draw():
            raise end
    with one_at_a_time():
        pass


def test_what_takes_long_lets_others_draw_and_goes_on_in_its_turn_again():
    told = []
    long, other = threading.Event(), threading.Event()

    def slow():
        with one_at_a_time():
            with letting_others_draw():
                long.set()
                assert other.wait(WAIT)
            told.append("drawn after the long work")

    def quick():
        assert long.wait(WAIT)
        with one_at_a_time():
            told.append("drawn meanwhile")
            other.set()
            time.sleep(0.05)  # the other wants its turn back, and has to wait for it
            told.append("to the end")

    together(slow, quick)
    assert told == ["drawn meanwhile", "to the end", "drawn after the long work"]


def test_outside_a_turn_long_work_takes_nothing_from_anybody():
    with letting_others_draw():
        pass
    with one_at_a_time():
        pass
