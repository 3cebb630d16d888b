"""A mistake ends the process with its code; what cannot be read or comes too late does not."""

import msgspec
import pykka
import pytest

from messages.account import OpenAccount
from messages.codec import encode_envelope
from messages.system import FactPublished
from messages.values import SECOND, RealNs
from runtime.bus import FACT
from tests.factories import an_order, taken
from tests.runtime.ends import until
from tests.runtime.host_stage import Ended, a_status, house

__all__ = ["house"]


class Odd(Exception):
    """A mistake that knows what the process ends with."""

    exit_code = 74


def test_a_handler_that_raises_ends_the_process(house):
    house = house()
    house.lives()
    house.tell(OpenAccount())
    house.until(lambda: house.host.ended)

    assert house.host.ended == 70


def test_a_mistake_that_knows_its_exit_code_ends_with_it(house, monkeypatch):
    house = house()
    house.lives()
    monkeypatch.setattr(house.clerk, "on_open", lambda command: (_ for _ in ()).throw(Odd()))
    house.tell(OpenAccount())
    house.until(lambda: house.host.ended)

    assert house.host.ended == 74


def test_a_mistake_outside_of_the_handlers_ends_the_process_too(house, monkeypatch):
    house = house()
    house.lives()
    monkeypatch.setattr(house.host, "on_start", lambda: None)
    house.journal.bus._try("facts", [FACT + b"\xc1"])
    with pytest.raises(Ended):
        house.host.run()

    assert house.host.ended == 70
    pykka.ActorRegistry.unregister(house.host.actor_ref)


def a_broken_fact(house):
    """A committed Event whose body this program cannot read."""
    envelope = house.journal._stamp.seal(taken(), "facts", None)
    return msgspec.structs.replace(envelope, schema=99)


def test_a_committed_event_that_cannot_be_read_ends_the_process_as_too_old(house):
    house = house()
    house.waits()
    house.journal.add(a_broken_fact(house))
    house.journal.answer()
    house.until(lambda: house.host.ended)

    assert house.host.ended == 78


def test_so_does_one_that_comes_later(house):
    house = house()
    house.lives()
    fact = house.journal.add(a_broken_fact(house))
    house.journal.bus.send(FactPublished(fact=fact), None)
    house.until(lambda: house.host.ended)

    assert house.host.ended == 78


def test_a_message_that_cannot_be_read_is_dropped_and_life_goes_on(house):
    house = house()
    house.lives()
    broken = msgspec.structs.replace(
        house.supervisor.bus.stamp.seal(a_status(1), "sup", None), body=msgspec.Raw(b"\x90")
    )
    house.supervisor.bus._route("sup", b"clerk@5", encode_envelope(broken))
    house.tell(a_status(2))
    house.until(lambda: "status 2" in house.heard)

    assert house.host.ended is None


def test_an_order_that_is_too_old_is_not_worth_hearing(house):
    house = house()
    house.lives()
    late = house.supervisor.bus.stamp.seal(an_order("c1"), "sup", None)
    late = msgspec.structs.replace(late, real_at=RealNs(int(late.real_at) - 3 * SECOND))
    house.supervisor.bus._route("sup", b"clerk@5", encode_envelope(late))
    house.tell(a_status(2))
    house.until(lambda: "status 2" in house.heard)

    assert "place" not in house.heard
    until(lambda: "place" in house.heard, lambda: house.tell(an_order("c2")), house.pump, house.host.step)
