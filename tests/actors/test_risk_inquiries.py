"""The judge passes questions about orders on to the journal."""

from messages.audit import GetOrder, OrderTraced, TraceOrder
from messages.risk import ControlReply
from tests.actors.risk_stage import judging
from tests.factories import of

QUESTION = GetOrder(request="r1", order="0xab", sender="ann")


def test_a_question_about_an_order_goes_to_the_journal_and_its_answer_back():
    stage = judging()
    (asked,) = stage.hear(QUESTION)
    assert isinstance(asked, TraceOrder)
    assert asked.sender == f"risk@{stage.actor.incarnation}"

    (reply,) = stage.hear(OrderTraced(to=asked.sender, request=asked.request, text="no order 0xab"))
    assert (reply.to, reply.request, reply.ok, reply.text) == ("ann", "r1", False, "no order 0xab")


def test_a_journal_that_does_not_answer_is_said():
    stage = judging()
    stage.hear(QUESTION)
    stage.wait(2.1)

    (reply,) = of(ControlReply, stage.call("permit"))
    assert reply.text == "the journal does not answer"
