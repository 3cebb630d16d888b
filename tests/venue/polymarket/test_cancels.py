"""What the venue says to a cancel, and cancels through the port."""

import pytest

from messages.orders import CancelAnswered, CancelFailed, TakeAllOff, TakeOrdersOff, VenueMode
from tests.venue.polymarket.world import Says, play, said
from venue.polymarket.cancels import MAX_IDS, chunks, heard
from venue.polymarket.client import Reply


def answered(body, asked=("0xa", "0xb"), everything=False):
    return list(heard(Reply(status=200, body=body), asked, everything))


def test_what_is_off_and_what_is_not_are_passed_on():
    body = {"canceled": ["0xa"], "not_canceled": {"0xb": "already canceled or matched"}}

    assert answered(body) == [
        CancelAnswered(canceled=("0xa",), not_canceled=(("0xb", "already canceled or matched"),))
    ]


def test_an_order_the_answer_does_not_name_is_still_to_be_canceled():
    said = answered({"canceled": ["0xa"]})

    assert said[0] == CancelAnswered(canceled=("0xa",), not_canceled=())
    assert said[1].orders == ("0xb",)


def test_everything_names_what_it_took_off():
    said = answered({"canceled": ["0xa"], "not_canceled": {}}, asked=(), everything=True)

    assert said == [CancelAnswered(canceled=("0xa",), not_canceled=(), everything=True)]


@pytest.mark.parametrize(
    "body", [None, "", [], {}, {"canceled": None}, {"canceled": [1]}, {"canceled": [], "not_canceled": []}]
)
def test_an_answer_of_another_shape_takes_nothing_off(body):
    if body == {"canceled": [], "not_canceled": []}:
        assert answered(body, asked=()) == [CancelAnswered(canceled=(), not_canceled=())]
        return
    assert answered(body) == [CancelFailed(orders=("0xa", "0xb"), reason="an answer of another shape")]


def test_a_refused_cancel_says_why():
    reply = Reply(status=503, body={"error": "Trading is currently disabled."})

    assert list(heard(reply, (), True)) == [
        CancelFailed(
            orders=(),
            reason="HTTP 503: Trading is currently disabled.",
            everything=True,
            mode=VenueMode.DISABLED,
        )
    ]


def test_requests_name_at_most_a_thousand():
    orders = tuple(str(number) for number in range(2 * MAX_IDS + 1))

    assert [len(chunk) for chunk in chunks(orders)] == [MAX_IDS, MAX_IDS, 1]
    assert list(chunks(())) == []


# Through the port.


def test_orders_are_taken_off_a_thousand_at_a_time(tmp_path):
    async def story(world, port):
        world.says("DELETE /orders", lambda asked: {"canceled": asked.json, "not_canceled": {}})
        orders = tuple(f"0x{number:064x}" for number in range(MAX_IDS + 2))
        answers = await said(port, TakeOrdersOff(orders=orders))
        assert [len(answer.canceled) for answer in answers] == [MAX_IDS, 2]
        assert len(world.asked) == 2

    play(tmp_path, story)


def test_a_thousand_that_failed_do_not_take_the_next_with_them(tmp_path):
    async def story(world, port):
        world.says(
            "DELETE /orders",
            Says(425, ""),
            lambda asked: Says(200, {"canceled": asked.json, "not_canceled": {}}),
        )
        orders = tuple(f"0x{number:064x}" for number in range(MAX_IDS + 2))
        answers = await said(port, TakeOrdersOff(orders=orders))
        assert [type(answer) for answer in answers] == [CancelFailed, CancelAnswered]
        assert len(answers[0].orders) == MAX_IDS

    play(tmp_path, story)


def test_everything_is_taken_off_with_one_request(tmp_path):
    async def story(world, port):
        world.says("DELETE /cancel-all", {"canceled": ["0xa"], "not_canceled": {}})
        assert await said(port, TakeAllOff()) == [
            CancelAnswered(canceled=("0xa",), not_canceled=(), everything=True)
        ]
        world.says("DELETE /cancel-all", Says(503, {"error": "Trading is currently disabled."}))
        assert await said(port, TakeAllOff()) == [
            CancelFailed(
                orders=(),
                reason="HTTP 503: Trading is currently disabled.",
                everything=True,
                mode=VenueMode.DISABLED,
            )
        ]

    play(tmp_path, story)
