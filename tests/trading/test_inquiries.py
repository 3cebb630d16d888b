"""Questions about orders: passed on, answered to whoever asked, never left without an answer."""

from messages.audit import GetOrder, OrderTraced, TraceOrder
from messages.values import RealNs
from trading.inquiries import MAX_OPEN, PATIENCE_NS, Inquiries

LATER = RealNs(PATIENCE_NS)


def a_question(request="r1", sender="ann"):
    return GetOrder(request=request, order="0xab", sender=sender)


def test_a_question_is_passed_on_and_its_answer_goes_to_whoever_asked():
    inquiries = Inquiries()
    first = inquiries.ask(a_question("r1", "ann"), "risk@3", RealNs(0))
    second = inquiries.ask(a_question("r1", "ben"), "risk@3", RealNs(0))
    assert isinstance(first, TraceOrder)
    assert (first.order, first.sender) == ("0xab", "risk@3")

    (reply,) = inquiries.answered(OrderTraced(to="risk@3", request=second.request, text="no order 0xab"))
    assert (reply.to, reply.request, reply.ok, reply.text) == ("ben", "r1", False, "no order 0xab")
    assert list(inquiries.answered(OrderTraced(to="risk@3", request=second.request))) == []


def test_a_silent_journal_is_said_once_and_in_time():
    inquiries = Inquiries()
    inquiries.ask(a_question(), "risk@3", RealNs(0))
    assert list(inquiries.late(RealNs(PATIENCE_NS - 1))) == []

    (reply,) = inquiries.late(LATER)
    assert (reply.to, reply.ok, reply.text) == ("ann", False, "the journal does not answer")
    assert list(inquiries.late(LATER)) == []


def test_more_questions_than_there_is_room_for_are_refused_at_once():
    inquiries = Inquiries()
    asked = [inquiries.ask(a_question(f"r{n}"), "risk@3", RealNs(0)) for n in range(MAX_OPEN + 1)]

    assert [type(said).__name__ for said in asked] == ["TraceOrder"] * MAX_OPEN + ["ControlReply"]
    assert (asked[-1].ok, asked[-1].request) == (False, f"r{MAX_OPEN}")
