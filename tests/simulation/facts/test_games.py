from __future__ import annotations

import pytest

from messages.values import SECOND
from simulation.facts.bounds import BOOK
from simulation.facts.facts import measure
from simulation.facts.games import Game, Phase, games, phases
from simulation.facts.observed import observe
from tests.venue.paper.engine_bench import RECORDINGS, bid, closed, whole
from venue.paper.engine.tape import TapeEvent

DEEP, SHALLOW = 5_000.0, 300.0
pytestmark = pytest.mark.xdist_group("games")


def quoted(first: int, last: int, shares: float) -> list[TapeEvent]:
    """Something heard every half minute."""
    return [whole(second, {49: shares + second}, {51: shares}) for second in range(first, last, 30)]


def split(*events: TapeEvent) -> list[tuple[Phase, int, int]]:
    return [
        (phase, seen.begins_at // SECOND, seen.ends_at // SECOND) for phase, seen in phases(observe(events))
    ]


def test_a_game_begins_when_its_book_is_emptied() -> None:
    before, after = quoted(0, 300, DEEP), quoted(310, 600, SHALLOW)

    assert split(*before, whole(300, {}, {}), *after) == [(Phase.BEFORE, 0, 300), (Phase.IN_PLAY, 300, 580)]


def test_a_deep_market_has_not_begun_until_a_long_outage() -> None:
    before, after = quoted(0, 300, DEEP), quoted(3_000, 3_300, SHALLOW)

    assert split(*before) == [(Phase.BEFORE, 0, 270)]
    assert split(*before, *after) == [(Phase.BEFORE, 0, 271), (Phase.IN_PLAY, 271, 3_270)]


def test_any_other_market_is_in_play_even_when_its_book_is_swept() -> None:
    before, after = quoted(0, 300, SHALLOW), quoted(310, 600, SHALLOW)

    assert split(*before, whole(300, {}, {}), *after) == [(Phase.IN_PLAY, 0, 580)]
    assert split(bid(0, 40, 5), closed(9)) == [(Phase.IN_PLAY, 0, 9)]


@pytest.fixture(scope="module")
def recorded() -> list[Game]:
    found = list(games(RECORDINGS))
    if not found:
        pytest.skip(f"NO RECORDED DATA: {RECORDINGS}")
    return found


@pytest.mark.recordings
def test_the_recorded_games_before_their_start_and_in_play_look_as_they_do(recorded: list[Game]) -> None:
    before, play = (
        measure([game.seen for game in recorded if game.phase is phase])
        for phase in (Phase.BEFORE, Phase.IN_PLAY)
    )

    assert (before.hours, play.hours) == pytest.approx((8.1, 5.7), abs=0.1)
    assert before.unchanged_1s > 0.98 > play.unchanged_1s > 0.84
    assert before.jumps_per_hour == 0
    assert play.kurtosis_1s > 33
    assert play.kurtosis_10s > 7
    assert -0.21 < play.autocorrelation_1s < 0.06
    assert 0.03 < play.absolute_autocorrelation_10s < 0.47
    assert before.volatility < 0.5 < 2 < play.volatility
    assert 0.03 < play.imbalance < 0.17
    assert (before.spread, play.spread) == pytest.approx((1, 3))
    assert before.touch > 2_700 > 1_400 > play.touch > 120
    assert play.sign_autocorrelation == pytest.approx(0.23, abs=0.05)
    assert play.waiting_variation > 1.65
    assert abs(before.depth_r2) < play.depth_r2
    (depth,) = [row for row in BOOK if row.fact == "depth_r2"]
    (most,) = {bound.most for bound in depth.bounds.values()}
    assert most == pytest.approx(2 * play.depth_r2, abs=5e-4)
    assert 2 < play.size_log_sd < 3


@pytest.mark.recordings
def test_three_recordings_hold_the_moment_at_which_their_game_began(recorded: list[Game]) -> None:
    long_before = [
        game.slug
        for game in recorded
        if game.phase is Phase.BEFORE and measure([game.seen]).hours > 0.3 and "06-24" in game.slug
    ]
    assert {"mlb-tor-cle-2025-06-24", "mlb-bos-laa-2025-06-24", "mlb-wsh-sd-2025-06-24"} <= set(long_before)
    begun = {game.slug: game.seen.begins_at for game in recorded if game.phase is Phase.IN_PLAY}
    minute = begun["mlb-tor-cle-2025-06-24"] / SECOND / 60
    assert minute == pytest.approx(25.6, abs=0.1)
