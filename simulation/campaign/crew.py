"""Seeds played side by side, handed out as long as there is time."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context

from simulation.world.run import Outcome, run
from simulation.world.silence import silence


def played(first: int, seconds: float, workers: int, may_begin: Callable[[int], bool]) -> Iterator[Outcome]:
    """Play one seed after the other from `first` on, while another one may begin (told how many have).

    They come out in the order in which they end.
    """
    if workers == 1:
        begun = 0
        while may_begin(begun):
            begun += 1
            yield play(first + begun - 1, seconds)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_to_us) as pool:
        running: set[Future[Outcome]] = set()
        begun = 0
        while True:
            while len(running) < workers and may_begin(begun):
                running.add(pool.submit(play, first + begun, seconds))
                begun += 1
            if not running:
                return
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                yield future.result()


def _leave_to_us() -> None:
    """Ctrl-C goes to all of a terminal's programs; a seed that is played is played to its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def play(seed: int, seconds: float) -> Outcome:
    """One seed, for a process of its own."""
    with silence():
        return run(seed, seconds)


def until(
    seeds: int | None, minutes: float | None, is_asked_to_end: Callable[[], bool] = lambda: False
) -> Callable[[int], bool]:
    """Whether another seed may begin: at most so many, and none after so many minutes of the wall clock."""
    began = time.monotonic()

    def may_begin(begun: int) -> bool:
        if is_asked_to_end() or (seeds is not None and begun >= seeds):
            return False
        return minutes is None or time.monotonic() - began < minutes * 60

    return may_begin


@contextmanager
def ending_softly() -> Iterator[Callable[[], bool]]:
    """Whether a first Ctrl-C came, which lets what is under way be played to its end; a second one is one."""
    came = False

    def note(*_: object) -> None:
        nonlocal came
        came = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.stdout.write("\nno seed more is begun; those under way are played to their end\n")

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: came
    finally:
        signal.signal(signal.SIGINT, before)
