"""One consumer of the journal: whatever is lost, late or told twice, each wanted fact once and in order."""

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.base import Envelope, Fact
from messages.codec import encode_envelope
from messages.system import EventsReplayed
from messages.values import MarketNs, RealNs
from runtime.facts import CHUNK, FactsClient

WANTED = ("OrderFilled",)


def a_fact(gseq, kind="OrderFilled", market=""):
    envelope = Envelope(
        1, kind, 1, "gateway@1", 1, gseq, gseq.to_bytes(16, "big"), b"", b"", RealNs(0), 0, MarketNs(0), 0, market,
        msgspec.Raw(b"\x80"),
    )  # fmt: skip
    return Fact(gseq, msgspec.Raw(encode_envelope(envelope)))


class Journal:
    """What the journal's owner answers."""

    def __init__(self, kinds):
        self.facts = [a_fact(n + 1, kind) for n, kind in enumerate(kinds)]

    def answer(self, ask):
        found = [f for f in self.facts if f.gseq > ask.after and (self.kind(f) in ask.kinds)][: ask.limit]
        through = len(self.facts) if len(found) < ask.limit else found[-1].gseq
        return EventsReplayed(to="x", facts=tuple(found), through=through, head=len(self.facts))

    @staticmethod
    def kind(fact):
        return msgspec.msgpack.decode(bytes(fact.envelope))[1]


def numbers(envelopes):
    return [e.sequence for e in envelopes]


def recover(client, journal):
    out, more = [], True
    while more:
        envelopes, more = client.replayed(journal.answer(client.ask()))
        out += numbers(envelopes)
    return out


def test_the_replay_comes_first_in_chunks_and_then_what_came_meanwhile():
    journal = Journal(["OrderFilled"] * (CHUNK + 10))
    client = FactsClient("maker@1", WANTED)
    client.published(a_fact(CHUNK + 11))
    old = recover(client, journal)
    live = numbers(client.caught_up())

    assert old == list(range(1, CHUNK + 11))
    assert live == [CHUNK + 11]


def test_facts_it_does_not_handle_are_passed_over_but_counted():
    journal = Journal(["OrderFilled", "MarketTaken", "MarketTaken", "OrderFilled"])
    client = FactsClient("maker@1", WANTED)

    assert recover(client, journal) == [1, 4]
    assert client.position == 4
    client.caught_up()
    assert client.published(a_fact(5, "MarketTaken")) == ([], False)
    assert numbers(client.published(a_fact(6))[0]) == [6]


def test_a_hole_is_asked_for_and_nothing_overtakes_it():
    journal = Journal(["OrderFilled"] * 6)
    client = FactsClient("maker@1", WANTED)
    recover(client, Journal(["OrderFilled"] * 2))
    client.caught_up()
    envelopes, hole = client.published(a_fact(5))
    assert (envelopes, hole) == ([], True)
    filled, more = client.replayed(journal.answer(client.ask()))

    assert numbers(filled) == [3, 4, 5, 6]
    assert not more


def test_a_missing_last_fact_is_noticed_by_the_head():
    client = FactsClient("maker@1", WANTED)
    recover(client, Journal(["OrderFilled"]))
    client.caught_up()

    assert client.head(2)
    assert not client.head(1)


def test_the_market_filter_lets_through_what_concerns_everybody():
    client = FactsClient("liquidator:aa@1", WANTED, market="0xaa")
    recover(client, Journal([]))
    client.caught_up()
    heard = [
        numbers(client.published(a_fact(n + 1, market=m))[0]) for n, m in enumerate(("0xaa", "0xbb", ""))
    ]

    assert heard == [[1], [], [3]]


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_whatever_is_dropped_repeated_or_reordered_each_comes_once_in_order(seed, count):
    rng = random.Random(seed)
    kinds = [rng.choice(["OrderFilled", "MarketTaken"]) for _ in range(count)]
    journal = Journal([])
    client = FactsClient("maker@1", WANTED)
    heard = recover(client, journal) + numbers(client.caught_up())
    for n, kind in enumerate(kinds):
        fact = a_fact(n + 1, kind)
        journal.facts.append(fact)
        for told in rng.choice([[], [fact], [fact, fact], [rng.choice(journal.facts), fact]]):
            envelopes, hole = client.published(told)
            heard += numbers(envelopes)
            while hole:
                envelopes, hole = client.replayed(journal.answer(client.ask()))
                heard += numbers(envelopes)
    if client.head(count):
        heard += recover(client, journal)

    assert heard == [n + 1 for n, kind in enumerate(kinds) if kind == "OrderFilled"]
