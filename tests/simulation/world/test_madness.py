"""A trader that asks for what it must not: the gateway takes what may pass, and nothing that must never be so is so."""

from collections import Counter

import pytest

from messages.codec import decode_body, decode_envelope
from messages.orders import OrderIntended
from messages.values import SECOND
from simulation.world.run import Run
from simulation.world.silence import silence
from simulation.world.strokes import Stroke


@pytest.fixture(autouse=True)
def quietly():
    with silence():
        yield


def test_what_a_mad_maker_may_have_it_gets_and_all_else_is_refused():
    mad = [
        Stroke(at_ns=at * SECOND, fault="F121", what="mad", who="maker", number=at, span_ns=9 * SECOND)
        for at in (10, 20, 30)
    ]
    played = Run(3, 45, {}, tuple(mad), None)
    outcome = played.play()

    messages = [decode_body(decode_envelope(r.envelope)) for r in played.box.disk.records()]
    whys = Counter(message.why for message in messages if isinstance(message, OrderIntended))
    assert not outcome.is_wrong, outcome.breaches or outcome.crashes
    assert len(outcome.strokes) == 3
    assert whys["madness"] > 3, whys
