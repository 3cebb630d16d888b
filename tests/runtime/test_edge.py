"""Control requests as JSON: what is one is read, what is none is answered in words."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.risk import (
    AcceptMarket,
    ControlReply,
    GetStatus,
    HaltTrading,
    Level,
    LiquidateMarket,
    ResumeTrading,
)
from runtime.edge import EdgeError, read_request, refuse, write_reply


@pytest.mark.parametrize(
    ("op", "kind"), [("halt", HaltTrading), ("resume", ResumeTrading), ("status", GetStatus)]
)
def test_each_operation_is_read(op, kind):
    asked = {"op": op, "request": "r1", "reason": "why", "by": "ann"}
    request = read_request(msgspec.json.encode(asked), "sender")

    assert type(request) is kind
    assert (request.request, request.sender) == ("r1", "sender")
    assert kind is GetStatus or (request.reason, request.by) == ("why", "ann")


@pytest.mark.parametrize(("op", "kind"), [("liquidate", LiquidateMarket), ("accept", AcceptMarket)])
def test_what_is_about_one_market_names_it(op, kind):
    asked = {"op": op, "request": "r1", "reason": "why", "by": "ann", "market": "rain"}

    assert read_request(msgspec.json.encode(asked), "sender") == kind(
        request="r1", name="rain", reason="why", sender="sender", by="ann"
    )


@pytest.mark.parametrize(
    "frame",
    [
        b'{"op": "accept", "request": "1"}',
        b'{"op": "liquidate", "request": "1", "market": "' + b"x" * 501 + b'"}',
        b"",
        b"halt",
        b"[]",
        b'{"op": "halt"}',
        b'{"op": "sell", "request": "1"}',
        b'{"op": "halt", "request": ""}',
        b'{"op": "halt", "request": "1", "force": true}',
        b'{"op": "halt", "request": 1}',
        b'{"op": "halt", "request": "1", "by": "' + b"x" * 501 + b'"}',
        b'{"op": "halt", "request": "' + b"x" * 70_000 + b'"}',
        b"[" * 50_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_request_is_refused_in_words(frame):
    with pytest.raises(EdgeError) as refused:
        read_request(frame, "s")

    assert str(refused.value)
    assert msgspec.json.decode(refuse(str(refused.value)))["ok"] is False


@given(st.binary(max_size=200))
def test_no_bytes_at_all_break_it(frame):
    try:
        read_request(frame, "s")
    except EdgeError:
        pass


def test_a_reply_is_one_object_without_the_bus_address():
    reply = ControlReply(
        to="secret", request="r", ok=True, level=Level.RUN, orders_resting=2, actors=(("maker", "ready"),)
    )
    body = msgspec.json.decode(write_reply(reply))

    assert (body["level"], body["orders_resting"], body["actors"]) == ("RUN", 2, {"maker": "ready"})
    assert "to" not in body
