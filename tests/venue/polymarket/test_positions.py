"""The public list of positions: rows in our words, a page after the other, and a reason where there is none."""

import asyncio
import json

import httpx
import msgspec
import pytest

from messages.values import Outcome, RealNs
from messages.wallet import PositionsRead, PositionsReadFailed, ReadPositions
from venue.polymarket.positions import PAGE, Positions, held_position, positions_read
from venue.wire.numbers import WireError

ROW = {
    "proxyWallet": "0xf",
    "asset": "77",
    "conditionId": "0xaa",
    "size": 12.5,
    "avgPrice": 0.4305,
    "curPrice": 0.51,
    "redeemable": False,
    "slug": "rain-tomorrow",
    "outcome": "Yes",
    "outcomeIndex": 0,
}


def a_row(**changes) -> bytes:
    return json.dumps({**ROW, **changes}).encode()


def test_a_row_is_read_in_millionths_and_an_average_is_rounded_up():
    held = held_position(a_row(avgPrice=0.43050000001))

    assert (held.market, held.token, held.slug, held.outcome) == ("0xaa", "77", "rain-tomorrow", Outcome.YES)
    assert (held.size, held.price, held.mark, held.is_resolved) == (12_500_000, 430_501, 510_000, False)


def test_the_second_token_is_no_and_what_can_be_redeemed_is_resolved():
    held = held_position(a_row(outcomeIndex=1, outcome="Down", redeemable=True, slug="a\x1b[31mb"))

    assert (held.outcome, held.is_resolved, held.slug) == (Outcome.NO, True, "a[31mb")


@pytest.mark.parametrize(
    "changes",
    [
        {"size": -1},
        {"size": 1e300},
        {"outcomeIndex": 999},
        {"asset": ""},
        {"conditionId": ""},
        {"size": "many"},
        {"avgPrice": None},
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_and_said(changes):
    with pytest.raises(WireError):
        held_position(a_row(**changes))
    read = positions_read([msgspec.Raw(a_row(**changes)), msgspec.Raw(a_row())], RealNs(7))

    assert [row.token for row in read.positions] == ["77"]
    assert len(read.skipped) == 1
    assert read.begun_at == 7


def read_from(handler) -> PositionsRead | PositionsReadFailed:
    """What the port says of a Data API that answers like this."""

    async def go() -> PositionsRead | PositionsReadFailed:
        port = Positions("http://127.0.0.1:1")
        await port.open()
        assert port._reader is not None
        port._reader._http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
        try:
            (said,) = [said async for said in port.read(ReadPositions(funder="0xf"))]
        finally:
            await port.close()
        return said

    return asyncio.run(go())


def test_every_page_is_read_dust_included():
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        count = PAGE if asked[-1]["offset"] == "0" else 2
        rows = [{**ROW, "asset": f"{asked[-1]['offset']}-{n}"} for n in range(count)]
        return httpx.Response(200, json=rows)

    said = read_from(answer)
    assert isinstance(said, PositionsRead)
    assert len(said.positions) == PAGE + 2
    assert {(each["user"], each["sizeThreshold"]) for each in asked} == {("0xf", "0")}


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: httpx.Response(500, text="<html>"),
        lambda request: httpx.Response(200, text="[{"),
        lambda request: httpx.Response(200, json={"error": "no"}),
        lambda request: httpx.Response(200, json=[ROW] * PAGE),
    ],
)
def test_what_cannot_be_had_is_a_reason_and_no_position(answer):
    said = read_from(answer)

    assert isinstance(said, PositionsReadFailed)
    assert said.reason
