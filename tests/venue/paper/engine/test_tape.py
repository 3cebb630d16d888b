import msgspec

from messages.values import MarketId, Price, TokenId
from tests.venue.paper.engine_bench import ScriptedTape, a_market, ask, bid, closed
from venue.paper.engine.tape import TapeDeck
from venue.paper.engine.terms import Market


def another_market() -> Market:
    return msgspec.structs.replace(
        a_market(), id=MarketId("0xother"), slug="other", yes=TokenId("5"), no=TokenId("6")
    )


def test_several_tapes_play_as_one_in_time_order() -> None:
    deck, one, other = TapeDeck(), a_market(), another_market()
    assert deck.next_at() is None
    deck.put(ScriptedTape(one, [bid(1, 40, 5), bid(3, 41, 5), closed(9)]), one, 0)
    deck.put(ScriptedTape(other, [ask(0, 50, 5), ask(3, 51, 5)]), other, 0)

    said = []
    while (at := deck.next_at()) is not None:
        market, event = deck.play()
        assert event.at == at
        said.append((at // 1_000_000_000, market.slug))

    assert said == [(0, "other"), (1, "a-market"), (3, "a-market"), (3, "other"), (9, "a-market")]
    assert [market.slug for market in deck.markets] == ["a-market", "other"]


def test_a_tape_is_read_no_further_than_its_next_event() -> None:
    read = []

    class Lazy(ScriptedTape):
        def events(self, since):  # type: ignore[no-untyped-def]
            for event in super().events(since):
                read.append(event.at)
                yield event

    deck, market = TapeDeck(), a_market()
    deck.put(Lazy(market, [bid(n, 40, n + 1) for n in range(100)]), market, 0)
    deck.play()

    assert len(read) == 2
    assert market.tick == Price(10_000)
