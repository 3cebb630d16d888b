import pytest

from messages.orders import CancelAnswered, CancelFailed, VenueMode
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
