"""Write ahead: what follows an Event waits for it, what tightens does not."""

import itertools

import pytest

from messages.base import Envelope
from messages.codec import decode_body, encode_body
from messages.liquidation import MarketTaken
from messages.orders import NEVER, CancelMarket, CancelOrder, SendOrder
from messages.system import JournalHead
from messages.values import CommandId, MarketId, MarketNs, OrderId, RealNs, RoleName
from runtime.outbox import WINDOW, Outbox, WindowFull

SEND = SendOrder(order=OrderId("0x1"), send_before=NEVER)
CANCEL = CancelOrder(command=CommandId("c"), market=MarketId("0xaa"))
STATE = JournalHead(gseq=1)


def taken(slug="m"):
    return MarketTaken(market=MarketId("0xaa"), slug=slug, owner=RoleName("maker"))


class Wire:
    def __init__(self):
        self.sent = []
        self.appended = []
        self.slugs = []
        self.counter = itertools.count(1)
        self.outbox = Outbox(lambda m, cause: self.sent.append(m), self.seal, self.append)

    def seal(self, message, cause):
        identity = next(self.counter).to_bytes(16, "big")
        return Envelope(
            1, type(message).__name__, 1, "maker@1", 1, 1, identity, identity, b"", RealNs(0), 0, MarketNs(0), 0, "",
            encode_body(message),
        )  # fmt: skip

    def append(self, envelope):
        self.appended.append(envelope.id)
        self.slugs.append(decode_body(envelope).slug)
        return True

    def say(self, *messages, now=0):
        self.outbox.say(messages, None, RealNs(now))

    def acknowledge(self, n=0):
        self.outbox.acknowledged(self.appended[n])


@pytest.fixture
def wire():
    return Wire()


def test_what_is_said_before_an_event_leaves_at_once(wire):
    wire.say(STATE, taken())

    assert wire.sent == [STATE]


def test_what_is_said_after_an_event_leaves_when_it_is_acknowledged(wire):
    wire.say(taken(), SEND, STATE)
    assert wire.sent == []
    wire.acknowledge()

    assert wire.sent == [SEND, STATE]


def test_a_cancel_never_waits(wire):
    wire.say(taken(), SEND, CANCEL, CancelMarket(market=MarketId("0xaa"), owner=RoleName("maker")))

    assert [type(m).__name__ for m in wire.sent] == ["CancelOrder", "CancelMarket"]


def test_a_second_event_of_the_call_is_handed_in_at_once_and_holds_what_follows_it(wire):
    wire.say(taken("a"), SEND, taken("b"), STATE)
    assert (wire.sent, len(wire.appended)) == ([], 2)
    wire.acknowledge(0)
    assert wire.sent == [SEND]
    wire.acknowledge(1)

    assert wire.sent == [SEND, STATE]


def test_no_event_of_a_later_call_overtakes_one_of_an_earlier_call(wire):
    wire.say(taken("a"), taken("b"))
    wire.say(taken("c"))

    assert wire.slugs == ["a", "b", "c"]


def test_an_acknowledgment_stands_for_all_that_was_said_before(wire):
    wire.say(taken("a"), SEND)
    wire.say(taken("b"), STATE)
    wire.say(taken("c"), SEND)
    wire.acknowledge(1)
    assert wire.sent == [SEND, STATE]
    wire.acknowledge(0)

    assert (wire.sent, len(wire.outbox)) == ([SEND, STATE], 1)


def test_later_calls_are_not_held_up(wire):
    wire.say(taken(), SEND)
    wire.say(STATE)

    assert wire.sent == [STATE]


def test_an_acknowledgment_twice_lets_nothing_out_twice(wire):
    wire.say(taken(), SEND)
    wire.acknowledge()
    wire.acknowledge()

    assert wire.sent == [SEND]


def test_what_is_not_acknowledged_for_a_second_is_appended_again_under_the_same_id(wire):
    wire.say(taken())
    assert wire.outbox.resend(RealNs(900_000_000)) == 0
    assert wire.outbox.resend(RealNs(1_000_000_000)) == 1
    assert wire.outbox.resend(RealNs(1_500_000_000)) == 0

    assert wire.appended[0] == wire.appended[1]


def test_with_the_oldest_all_that_came_after_it_is_appended_again_in_its_order(wire):
    wire.say(taken("a"))
    wire.say(taken("b"), now=600_000_000)
    assert wire.outbox.resend(RealNs(1_000_000_000)) == 2
    assert wire.outbox.resend(RealNs(1_600_000_000)) == 0

    assert wire.slugs == ["a", "b", "a", "b"]


def test_the_lag_is_that_of_the_oldest(wire):
    wire.say(taken(), now=5)
    wire.say(taken(), now=9)
    assert wire.outbox.lag_ns(RealNs(25)) == 20
    wire.acknowledge()

    assert wire.outbox.lag_ns(RealNs(25)) == 16


def test_more_than_the_window_fails_rather_than_forgets(wire):
    for _ in range(WINDOW):
        wire.say(taken())

    with pytest.raises(WindowFull):
        wire.say(taken())
