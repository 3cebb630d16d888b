from __future__ import annotations

from collections.abc import Callable

import pytest

from messages.values import SECOND, RealNs
from venue.paper.engine.modes import Mode, Modes
from venue.paper.engine.terms import Refused


class Watch:
    """Real time, turned by hand."""

    def __init__(self) -> None:
        self.seconds = 5.0
        self.modes = Modes(lambda: RealNs(round(self.seconds * SECOND)))

    def says(self, call: Callable[[], None]) -> tuple[int, str]:
        try:
            call()
        except Refused as no:
            return no.status, no.text
        return 200, ""

    def place(self, post_only: bool = False) -> tuple[int, str]:
        return self.says(lambda: self.modes.check_place(post_only))

    def cancel(self) -> tuple[int, str]:
        return self.says(self.modes.check_cancel)


OK = (200, "")


def test_a_normal_venue_takes_everything() -> None:
    watch = Watch()

    assert (watch.modes.mode, watch.modes.left_s) == (Mode.NORMAL, None)
    assert (watch.place(), watch.place(post_only=True), watch.cancel()) == (OK, OK, OK)


def test_a_restart_refuses_all_then_takes_post_only_orders_for_two_minutes_then_all() -> None:
    watch = Watch()
    watch.modes.restart(down_s=30)

    assert watch.place(post_only=True)[0] == watch.cancel()[0] == 425
    watch.seconds += 30
    assert watch.modes.mode is Mode.POST_ONLY
    assert (watch.place(post_only=True), watch.cancel()) == (OK, OK)
    assert watch.place() == (503, "post-only mode: only post-only orders and cancels are allowed")
    watch.seconds += 119.9
    assert watch.place()[0] == 503
    watch.seconds += 0.1
    assert watch.place() == OK


@pytest.mark.parametrize(("waited", "told"), [(0, 120), (41.0, 79), (41.2, 79), (119.9, 1)])
def test_post_only_mode_says_by_code_what_it_is_and_for_how_long(waited: float, told: int) -> None:
    watch = Watch()
    watch.modes.set(Mode.POST_ONLY, 120)
    watch.seconds += waited

    with pytest.raises(Refused) as refused:
        watch.modes.check_place(post_only=False)

    assert (refused.value.code, refused.value.retry_after_s) == ("post_only_mode", told)


def test_post_only_mode_without_an_end_tells_a_time_to_ask_again() -> None:
    watch = Watch()
    watch.modes.set(Mode.POST_ONLY)

    with pytest.raises(Refused) as refused:
        watch.modes.check_place(post_only=False)

    assert refused.value.retry_after_s == 120


def test_cancel_only_takes_cancels_and_disabled_takes_nothing() -> None:
    watch = Watch()
    watch.modes.set(Mode.CANCEL_ONLY)
    text = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
    assert (watch.place(post_only=True), watch.cancel()) == ((503, text), OK)

    watch.modes.set(Mode.DISABLED, 10)
    text = "Trading is currently disabled. Check polymarket.com for updates"
    assert (watch.place(), watch.cancel()) == ((503, text), (503, text))
    assert watch.modes.left_s == 10

    watch.seconds += 10
    assert (watch.place(), watch.cancel()) == (OK, OK)


def test_a_new_mode_replaces_what_was_to_come() -> None:
    watch = Watch()
    watch.modes.set(Mode.RESTART)
    watch.seconds += 1
    watch.modes.set(Mode.NORMAL)

    watch.seconds += 90
    assert watch.modes.mode is Mode.NORMAL
