"""`python -m control order`: one order's life for people and for scripts."""

import json
from types import SimpleNamespace

import msgspec
import pytest

from control.trail import lines, named
from messages.risk import ControlReply
from messages.values import MS, RealNs
from runtime.edge import read_request, write_reply
from tests.control.test_client import RiskDesk, run
from tests.factories import a_fill, accepted, an_order, canceled, cents, confirmed, intended
from trading.trail import Told, trail_of

PLACE = an_order("maker@1.a.7", decided_at=RealNs(10 * MS), mid=cents(49), why="quote, fixed_spread")
WALL = 1_700_000_000_000 * MS


def a_trail():
    fill = a_fill(3, 48, place=PLACE)
    end = msgspec.structs.replace(canceled(PLACE, 3), cancel_asked_at=RealNs(60 * MS), off_at=RealNs(75 * MS))
    intent = msgspec.structs.replace(intended(PLACE), mid=PLACE.mid, why=PLACE.why)
    events = [(11, intent), (17, accepted(PLACE)), (50, fill), (80, end), (90, confirmed(fill))]
    return trail_of([Told(RealNs(at * MS), WALL + at * MS, event) for at, event in events])


class OrderDesk(RiskDesk):
    """Knows one order."""

    def answer(self, frame):
        request = read_request(frame, "asker")
        self.heard.append(request)
        known = request.order == a_trail().order
        reply = ControlReply(to="asker", request=request.request, ok=known)
        text = "" if known else f"no order {request.order}"
        return write_reply(msgspec.structs.replace(reply, text=text, order=a_trail() if known else None))


@pytest.fixture
def desk(tmp_path):
    desk = OrderDesk(tmp_path)
    desk.start()
    yield SimpleNamespace(heard=desk.heard, state=tmp_path)
    desk.stop()


def test_an_order_is_told_step_by_step(desk, capsys):
    assert run("order", a_trail().order, "--state", desk.state) == 0

    said = capsys.readouterr().out
    for words in (
        "maker (quote, fixed_spread)",
        "BUY 10 at 0.48, mid 0.49, YES terms",
        "CANCELLED (CANCELED), 3 filled",
        "2023-11-14T22:13:20.011Z",
        "OPEN (RESTING)",
        "3 at 0.48 as maker, CONFIRMED, +0 against its price, -0.01 against the mid",
        "cancel asked to off the book",
        "15.000 ms",
        "against the mid",
    ):
        assert words in said
    order = [line.split()[3] for line in said.splitlines() if line.startswith("2023")]
    assert order == ["decided", "intended", "resting", "fill", "cancel", "off", "canceled", "confirmed"]


def test_an_order_for_scripts_is_one_object(desk, capsys):
    assert run("order", a_trail().order, "--json", "--state", desk.state) == 0

    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["order"]["state"], said["order"]["filled"]) == (True, "CANCELLED", 3_000_000)
    assert said["order"]["latency"]["decision to intent"] == MS
    assert said["order"]["slippage"] == {"price": 0, "mid": -10_000}
    assert said["order"]["fills"][0]["settlement"] == "CONFIRMED"


def test_an_order_that_is_not_known_is_one_line_and_code_one(desk, capsys):
    assert run("order", "abcd", "--state", desk.state) == 1

    assert capsys.readouterr().err == "no order 0xabcd\n"
    assert run("order", "abcd", "--json", "--state", desk.state) == 1
    assert json.loads(capsys.readouterr().out) == {"ok": False, "text": "no order 0xabcd", "order": None}


def test_nobody_there_is_code_four(tmp_path, capsys):
    assert run("order", "0xab", "--state", tmp_path / "none") == 4
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("0xAB12", "0xab12"), (" ab12 ", "0xab12"), ("maker@1.a.7", "maker@1.a.7"), ("0x", "0x")],
)
def test_what_is_typed_is_read_as_orders_are_named(typed, meant):
    assert named(typed) == meant


def test_every_step_has_its_line_however_short_the_life():
    trail = trail_of([Told(RealNs(MS), WALL, intended(an_order("c")))])

    assert any("intended" in line for line in lines(trail))
