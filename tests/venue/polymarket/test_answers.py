"""The answer table: as data for what it must hold, and row by row over a socket in test_orders."""

import pytest

from messages.orders import Answer, VenueMode
from venue.polymarket.answers import ROWS, Judged, judge, mode_of
from venue.polymarket.client import Reply

ORDER = "0x" + "ab" * 32
ACCEPTED = {"errorMsg": "", "orderID": ORDER, "takingAmount": "", "makingAmount": "", "success": True}


def judged(status, body, **fields):
    return judge(Reply(status=status, body=body, left=True, **fields), ORDER)


def answered(status, body, **fields):
    said = judged(status, body, **fields)
    return said.answer, said.reason


@pytest.mark.parametrize("status", ["live", "matched"])
def test_an_order_the_venue_names_and_does_not_complain_of_is_resting(status):
    assert answered(200, {**ACCEPTED, "status": status}) == (Answer.RESTING, "")


@pytest.mark.parametrize("status", ["delayed", "unmatched"])
def test_an_order_the_venue_holds_back_is_in_doubt_until_more_is_said(status):
    answer, reason = answered(200, {**ACCEPTED, "status": status})

    assert answer is Answer.LOST
    assert reason.startswith(f"{status}: ")


@pytest.mark.parametrize(
    ("status", "words", "mode"),
    [
        (401, "Unauthorized/Invalid api key", VenueMode.REFUSING),
        (403, "", VenueMode.REFUSING),
        (425, "", VenueMode.RESTARTING),
        (429, "Too Many Requests", VenueMode.BUSY),
        (503, "post-only mode: only post-only orders and cancels are allowed", VenueMode.POST_ONLY),
        (503, "Trading is currently cancel-only. New orders are not accepted", VenueMode.CANCEL_ONLY),
        (503, "Trading is currently disabled. Check polymarket.com for updates", VenueMode.DISABLED),
        (400, "not enough balance / allowance", VenueMode.OPEN),
        (500, "could not insert order", VenueMode.OPEN),
    ],
)
def test_what_concerns_every_order_is_told_from_what_concerns_this_one(status, words, mode):
    assert judged(status, {"error": words}).mode is mode


@pytest.mark.parametrize(
    "body",
    [
        {**ACCEPTED, "status": "live", "orderID": "0x" + "cd" * 32},
        {**ACCEPTED, "status": "live", "orderID": ""},
        {**ACCEPTED, "status": "pondering"},
        {**ACCEPTED},
        {**ACCEPTED, "status": "live", "success": "yes"},
        {**ACCEPTED, "status": "live", "errorMsg": "half of it"},
        {},
        [],
        None,
        "<html>Sorry</html>",
        7.5,
    ],
)
def test_a_200_that_is_not_quite_an_acceptance_is_lost(body):
    assert answered(200, body)[0] is Answer.LOST


def test_trap_t14_a_refused_leg_that_claims_success_is_rejected():
    words = f"order {ORDER} is invalid. Size (1) lower than the minimum: 5"

    assert answered(200, {**ACCEPTED, "orderID": "", "errorMsg": words, "status": ""}) == (
        Answer.REJECTED,
        words,
    )


def test_a_200_without_success_is_rejected():
    assert answered(200, {"success": False, "orderID": "", "status": "delayed"})[0] is Answer.REJECTED


def test_a_leg_that_came_too_fast_is_refused_and_says_so_of_every_order():
    body = {
        "success": False,
        "status": "delayed",
        "orderID": "",
        "errorMsg": "Rate limit exceeded for tokenId: 1",
    }
    said = judged(200, body)

    assert (said.answer, said.mode) == (Answer.REJECTED, VenueMode.BUSY)


@pytest.mark.parametrize(
    "words",
    [
        f"'{ORDER}' address banned",
        "maker address not allowed, please use the deposit wallet flow",
    ],
)
def test_a_wallet_the_venue_does_not_want_is_no_matter_of_one_order(words):
    assert judged(400, {"error": words}).mode is VenueMode.REFUSING
    assert mode_of(Reply(status=400, body={"error": words})) is VenueMode.REFUSING


def test_only_what_concerns_every_order_is_read_out_of_other_answers():
    for status, words, mode in (
        (401, "Invalid API key", VenueMode.REFUSING),
        (425, "", VenueMode.RESTARTING),
        (429, "Too Many Requests", VenueMode.BUSY),
        (503, "Trading is currently disabled. Check polymarket.com for updates", VenueMode.DISABLED),
        (404, "market not found", VenueMode.OPEN),
        (500, "Internal server error", VenueMode.OPEN),
        (200, "", VenueMode.OPEN),
        (None, "", VenueMode.OPEN),
    ):
        assert mode_of(Reply(status=status, body={"error": words})) is mode


@pytest.mark.parametrize("status", [200, 400])
def test_an_order_that_exists_already_is_looked_up_and_not_rejected(status):
    said = answered(status, {"error": f"order {ORDER} is invalid. Duplicated."})

    assert said == (Answer.LOST, "duplicated: exists")


@pytest.mark.parametrize("status", [400, 404, 503])
def test_words_nobody_has_heard_before_release_nothing(status):
    assert answered(status, {"error": "the moon is full"})[0] is Answer.LOST


@pytest.mark.parametrize("status", [201, 204, 302, 409, 500, 502, 504, 520])
def test_a_status_that_is_not_in_the_table_is_lost(status):
    assert answered(status, {"error": "not enough balance / allowance"})[0] is Answer.LOST


def test_an_answer_that_never_came_is_lost_unless_nothing_left():
    lost = judge(Reply(status=None, body=None, error="timeout", left=True), ORDER)
    kept = judge(Reply(status=None, body=None, error="refused", left=False), ORDER)

    assert (lost, kept) == (Judged(Answer.LOST, "timeout"), Judged(Answer.NOT_SENT, "refused"))


def test_what_the_actor_must_tell_apart_has_a_code_in_front_and_the_time_to_wait_behind():
    body = {"error": "post-only mode: only …", "code": "post_only_mode", "retry_after_seconds": 79}

    assert answered(503, body)[1] == "post_only_mode: post-only mode: only …, retry after 79 s"
    assert answered(429, {"error": "Too Many Requests"}, retry_after="3")[1].endswith("retry after 3 s")
    assert answered(403, "<html>blocked</html>") == (Answer.REJECTED, "blocked: HTTP 403")
    assert answered(425, "") == (Answer.LOST, "restarting: HTTP 425")


def test_no_row_hides_behind_an_earlier_one():
    for number, row in enumerate(ROWS):
        earlier = [other for other in ROWS[:number] if other.status == row.status and other.text in row.text]
        assert not earlier, f"{row} is never reached"
