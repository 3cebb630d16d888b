from messages.orders import FillConfirmed, FillReversed, OrderFilled
from messages.values import Side
from trading.situation import Situation


def a_fill(trade="t1", side=Side.BID, size=10_000_000):
    return OrderFilled(
        trade=trade,
        order="0x1",
        command="c",
        market="0xm",
        owner="maker",
        side=side,
        price=500_000,
        size=size,
        outcome="yes",
        action="buy",
        fee=0,
        matched_at=0,
    )


def situation_after(*messages):
    situation = Situation()
    for message in messages:
        situation.note(message)
    return situation


def test_a_reversal_undoes_its_fill_once():
    reversal = FillReversed(trade="t1", order="0x1", market="0xm", reason="failed")

    situation = situation_after(a_fill(), a_fill("t2"), reversal, reversal)

    assert situation.exposure("0xm") == 10_000_000


def test_a_confirmed_fill_can_not_be_reversed_any_more():
    confirmed = FillConfirmed(trade="t1", order="0x1", market="0xm")
    reversal = FillReversed(trade="t1", order="0x1", market="0xm", reason="failed")

    assert situation_after(a_fill(), confirmed, reversal).exposure("0xm") == 10_000_000


def test_a_market_without_a_known_slug_has_the_beginning_of_its_id():
    assert Situation().name("0x" + "ab" * 32) == "0xababababab…"
