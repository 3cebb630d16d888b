"""What an answer to `GET /time` proves, and how it comes out of the port, in front of the embedded exchange too."""

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.account import AccountOpened, AccountRefused, OpenAccount
from messages.values import MS, SECOND, RealNs
from tests.patience import PATIENCE_S
from tests.venue.polymarket.test_lies_on_paper import a_fault
from tests.venue.polymarket.test_on_paper import an_open_gateway
from tests.venue.polymarket.world import CREDENTIALS, Says, a_gateway, a_world, said
from venue.polymarket.client import Reply
from venue.polymarket.clock import clock_read

WALL = 1_700_000_000 * SECOND
NOW = RealNs(1_000 * SECOND)


def an_answer(body, sent_ms_ago=10, heard_ms_ago=0, status=200):
    sent_at, heard_at = RealNs(NOW - sent_ms_ago * MS), RealNs(NOW - heard_ms_ago * MS)
    return Reply(status=status, body=body, sent_at=sent_at, answered_at=heard_at)


@given(
    ahead_ms=st.integers(-20_000, 20_000),
    there_ms=st.integers(0, 3_000),
    back_ms=st.integers(0, 3_000),
    ago_ms=st.integers(0, 3_000),
    wall_ms=st.integers(0, 999),
)
def test_it_is_never_said_to_be_further_off_than_it_is_and_missed_by_no_more_than_the_way_and_a_second(
    ahead_ms, there_ms, back_ms, ago_ms, wall_ms
):
    wall = WALL + wall_ms * MS
    venue_now = wall - (ago_ms + back_ms) * MS + ahead_ms * MS
    answer = an_answer(venue_now // SECOND, there_ms + back_ms + ago_ms, ago_ms)

    found = clock_read([answer], NOW, wall).ahead_ms

    assert found * ahead_ms >= 0
    assert abs(found) <= abs(ahead_ms)
    assert abs(ahead_ms) - abs(found) <= 1_001 + there_ms + back_ms


def test_the_quickest_answer_counts_and_what_is_no_time_does_not():
    slow, quick = an_answer(WALL // SECOND + 30, 4_000), an_answer(WALL // SECOND + 20, 10)
    junk = [an_answer(body, 1) for body in ("soon", None, True, {}, -1, 10**12)]
    failed = [an_answer(WALL // SECOND, 1, status=500), Reply(status=None, body=None, error="no answer")]

    assert clock_read([slow, *junk, quick, *failed], NOW, WALL).ahead_ms == 20_000
    assert clock_read([*junk, *failed], NOW, WALL) is None


async def next_word(port):
    async with asyncio.timeout(PATIENCE_S), aclosing(port.keep_warm()) as words:
        return await anext(words)


def test_the_embedded_exchange_and_we_agree_unless_its_clock_is_made_wrong(exchange, tmp_path):
    async def story():
        async with an_open_gateway(exchange, tmp_path, "clock", warm_s=0.001) as port:
            assert (await next_word(port)).ahead_ms == 0
            async with a_fault(exchange, "clock_skew", seconds=-10):
                assert -10_500 < (await next_word(port)).ahead_ms < -8_000
            assert (await next_word(port)).ahead_ms == 0

    asyncio.run(story())


@pytest.mark.parametrize(("answer", "final"), [(1_700_000_000, False), (Says(500), True)])
def test_credentials_that_are_refused_while_the_clock_is_wrong_are_tried_again(tmp_path, answer, final):
    async def story():
        async with a_world() as world, a_gateway(world, tmp_path) as port:
            world.says("POST /auth/api-key", Says(401, {"error": "Invalid L1 Request headers"}))
            world.says("GET /auth/derive-api-key", Says(401, {"error": "Invalid L1 Request headers"}))
            world.says("GET /time", answer)
            [refused] = await said(port, OpenAccount())
            assert isinstance(refused, AccountRefused)
            assert refused.final is final
            assert ("behind ours" in refused.reason) is not final
            world.says("POST /auth/api-key", CREDENTIALS)
            assert isinstance((await said(port, OpenAccount()))[0], AccountOpened)

    asyncio.run(story())
