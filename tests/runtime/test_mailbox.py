"""The three lanes: control first, what counts in order, of States the newest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pykka._envelope import Envelope as PykkaEnvelope

from messages.market import BookSnapshot
from messages.orders import CancelAll, OrderFilled, PlaceOrder
from messages.system import Ping
from runtime.mailbox import CONTROL_BOUND, FACTS_BOUND, Item, Mailbox, Overflow


class Silence:
    """Sockets on which nothing comes."""

    def receive(self, timeout_ns):
        assert timeout_ns == 0, "it would wait for ever"


def a_mailbox(source=None, idle=lambda: False):
    box = Mailbox()
    box.attach(source or Silence(), lambda: None, lambda: None, idle)
    return box


def taken(box, count):
    return [box.get().message.load for _ in range(count)]


def test_control_comes_before_facts_and_facts_before_states():
    box = a_mailbox()
    box.add(Item(BookSnapshot, "book", "md", "key"))
    box.add(Item(OrderFilled, "fill", "facts"))
    box.add(Item(CancelAll, "cancel all", "cmd"))

    assert taken(box, 3) == ["cancel all", "fill", "book"]


def test_an_unread_state_is_replaced_by_a_newer_one_of_the_same_subject():
    box = a_mailbox()
    for load, key in (("old", "a"), ("other", "b"), ("new", "a")):
        box.add(Item(BookSnapshot, load, "md", key))

    assert taken(box, 2) == ["other", "new"]
    assert box.conflated == 1


def test_too_many_facts_end_the_process_rather_than_be_forgotten():
    box = a_mailbox()
    for n in range(FACTS_BOUND):
        box.add(Item(OrderFilled, n, "facts"))

    with pytest.raises(Overflow):
        box.add(Item(OrderFilled, "one more", "facts"))


def test_a_flood_of_control_drops_pings_but_never_what_tightens():
    box = a_mailbox()
    for n in range(CONTROL_BOUND + 50):
        box.add(Item(Ping, n, "sup"))
    box.add(Item(CancelAll, "halt", "cmd"))

    assert len(box.control) == CONTROL_BOUND + 1
    assert box.dropped == 50


def test_what_pykka_tells_comes_out_as_pykka_put_it_in():
    box = a_mailbox()
    envelope = PykkaEnvelope("stop")
    box.put(envelope)

    assert not box.empty()
    assert box.get() is envelope


def test_the_sockets_are_read_when_nothing_waits():
    class Once:
        def __init__(self):
            self.box = None

        def receive(self, timeout_ns):
            self.box.add(Item(PlaceOrder, "came", "cmd"))

    source = Once()
    source.box = a_mailbox(source)

    assert source.box.get().message.load == "came"


def test_an_urgent_message_on_the_socket_is_seen_behind_a_long_backlog():
    seen = []

    class Halting:
        def receive(self, timeout_ns):
            if not seen:
                box.add(Item(CancelAll, "halt", "cmd"))
            seen.append(timeout_ns)

    box = a_mailbox(Halting())
    for n in range(1_000):
        box.add(Item(OrderFilled, n, "facts"))

    assert "halt" in taken(box, 70)


def test_idle_is_told_once_after_work_and_may_make_more():
    calls = []

    def idle():
        calls.append(1)
        if len(calls) == 1:
            box.add(Item(OrderFilled, "made", "facts"))
            return True
        box.put(PykkaEnvelope("end"))
        return True

    box = a_mailbox(idle=idle)
    box.add(Item(OrderFilled, "first", "facts"))

    assert taken(box, 2) == ["first", "made"]
    assert box.get().message == "end"


KINDS = st.sampled_from([CancelAll, OrderFilled, BookSnapshot])


@given(st.lists(st.tuples(KINDS, st.integers(0, 3)), max_size=60))
def test_facts_keep_their_order_and_states_their_newest_whatever_comes(things):
    box = a_mailbox()
    for n, (kind, key) in enumerate(things):
        box.add(Item(kind, (kind, key, n), "x", key))
    newest = {key: n for n, (kind, key) in enumerate(things) if kind is BookSnapshot}
    out = taken(box, len(box.control) + len(box.facts) + len(box.states))

    for kind in (CancelAll, OrderFilled):
        assert [n for k, _, n in out if k is kind] == [n for n, (k, _) in enumerate(things) if k is kind]
    assert {key: n for k, key, n in out if k is BookSnapshot} == newest
    assert [k for k, _, _ in out] == sorted(
        (k for k, _, _ in out), key=[CancelAll, OrderFilled, BookSnapshot].index
    )
