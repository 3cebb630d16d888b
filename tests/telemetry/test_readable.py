import pytest

from messages.account import AccountStatus
from messages.market import BookSnapshot
from messages.orders import OrderFilled
from messages.system import Announce, Severity
from telemetry.readable import decode_telemetry, readable

MARKET = "0x" + "ab" * 32


def a_frame(message):
    """What the AlertActor says of a message."""
    from actors.alert import AlertActor, AlertSettings

    update = AlertActor(AlertSettings())._telemetry("event", message)
    return update.topic, decode_telemetry(update.body.encode())


def test_a_fill_is_read_in_shares_and_dollars():
    fill = OrderFilled(
        trade="t1",
        order="0x" + "cd" * 32,
        command="c",
        market=MARKET,
        owner="maker",
        side="bid",
        price=635_000,
        size=10_500_000,
        outcome="yes",
        action="buy",
        fee=-50_000,
        matched_at=1,
    )

    assert readable(*a_frame(fill)) == (
        "OrderFilled 0xababababab…  trade=t1 order=0xcdcdcdcdcd… owner=maker side=bid price=0.635 size=10.5"
        " outcome=yes action=buy fee=-$0.05 taker=false"
    )


def test_a_book_is_its_best_and_its_depth():
    book = BookSnapshot(
        market=MARKET,
        bids=((630_000, 5_000_000), (620_000, 1_000_000)),
        asks=((650_000, 7_000_000),),
        tick=10_000,
        seen_at=1,
    )

    assert readable(*a_frame(book)).endswith("bids=0.63x5(2) asks=0.65x7(1) tick=0.01")


def test_a_line_for_people_is_left_as_it_is():
    assert (
        readable(*a_frame(Announce(severity=Severity.WARNING, text="Feed unhealthy")))
        == "WARNING  Feed unhealthy"
    )


def test_what_is_said_of_no_market_has_none():
    status = AccountStatus(ready=True, reason="", collateral=1_000_000_000, resting=2, unknown=0)

    assert readable(*a_frame(status)) == (
        "AccountStatus  ready=true collateral=$1000.00 resting=2 unknown=0"
        " venue=normal places_left=0 cancels_left=0 clock_ahead_ms=0 beat_age_ms=-1"
    )


@pytest.mark.parametrize("frame", [b"", b"\xff", b"[]", b'{"market": "x"}', b'{"kind": 7}'])
def test_anything_else_is_no_telemetry(frame):
    with pytest.raises(ValueError, match="not telemetry"):
        decode_telemetry(frame)
