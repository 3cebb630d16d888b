import json

import msgspec
import pytest

from tests.venue.wire.vectors import ADDRESS, an_order
from venue.wire import orders as wire
from venue.wire.numbers import WireError

REQUEST = {
    "order": {
        "salt": 123456789,
        "maker": ADDRESS,
        "signer": ADDRESS,
        "tokenId": str(an_order().token),
        "makerAmount": "4100000",
        "takerAmount": "10000000",
        "side": "BUY",
        "expiration": "0",
        "signatureType": 0,
        "timestamp": "1700000000000",
        "metadata": "0x" + "00" * 32,
        "builder": "0x" + "00" * 32,
        "signature": "0x" + "11" * 65,
    },
    "owner": "e87eadbc-8102-4714-a85b-6dc820f10690",
    "orderType": "GTC",
    "deferExec": False,
    "postOnly": False,
}


def encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def test_an_order_body_comes_through_byte_for_byte() -> None:
    body = encoded(REQUEST)

    assert wire.encode(wire.decode_request(body)) == body
    assert wire.encode(wire.decode_requests(b"[" + body + b"]")) == b"[" + body + b"]"


def test_the_signed_part_of_an_order_is_read_as_numbers() -> None:
    assert wire.signed_fields(wire.decode_request(encoded(REQUEST)).order) == an_order()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("maker", "0x12"),
        ("tokenId", "-1"),
        ("tokenId", "9" * 79),
        ("makerAmount", "1.5"),
        ("timestamp", "now"),
        ("metadata", "0x"),
        ("salt", "٣"),
    ],
)
def test_a_signed_field_that_is_none_is_refused(field: str, value: str) -> None:
    order = {**REQUEST["order"], field: value}  # type: ignore[dict-item]
    with pytest.raises(WireError):
        wire.signed_fields(wire.decode_request(encoded({**REQUEST, "order": order})).order)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 5_000, encoded({**REQUEST, "orderType": "IOC"})]
)
def test_what_is_no_order_body_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        wire.decode_request(body)


def test_an_order_of_the_old_version_is_known_as_such() -> None:
    old = {
        "order": {"salt": 1, "maker": ADDRESS, "taker": ADDRESS, "nonce": "0", "feeRateBps": "0"},
        "owner": "x",
    }

    assert wire.is_v1(encoded(old))
    assert wire.is_v1(encoded([old]))
    assert not wire.is_v1(encoded(REQUEST))
    assert not any(map(wire.is_v1, (b"", b"[]", b"7", b'{"order":7}', b"{}")))


ANSWERS = [
    (
        b'{"errorMsg":"","orderID":"0x4dc5","takingAmount":"","makingAmount":"","status":"live","success":true}',
        True,
    ),
    (
        (
            b'{"errorMsg":"","orderID":"0x39","takingAmount":"5","makingAmount":"1.45","status":"matched","success":true,'
            b'"tradeIDs":["877b4b98"]}'
        ),
        True,
    ),
    (
        (
            b'{"errorMsg":"order 0x1 is invalid. Size (1) lower than the minimum: 5","orderID":"","takingAmount":"",'
            b'"makingAmount":"","status":"","success":true}'
        ),
        False,
    ),
    (
        (
            b'{"errorMsg":"Rate limit exceeded for tokenId: 7","orderID":"","takingAmount":"","makingAmount":"",'
            b'"status":"delayed","success":false}'
        ),
        False,
    ),
]


@pytest.mark.parametrize(("body", "is_accepted"), ANSWERS)
def test_an_answer_says_by_its_id_and_words_whether_the_order_lives(body: bytes, is_accepted: bool) -> None:
    answer = wire.decode_answer(body)

    assert answer.is_accepted is is_accepted
    assert wire.encode(answer) == body


def test_a_batch_is_answered_in_its_order() -> None:
    body = b"[" + b",".join(body for body, _ in ANSWERS) + b"]"

    assert [answer.is_accepted for answer in wire.decode_answers(body)] == [True, True, False, False]


def test_a_cancels_answer_says_what_is_gone_and_why_the_rest_is_not() -> None:
    body = b'{"canceled":["0x5fb6"],"not_canceled":{"0x00":"already canceled or matched"}}'
    answer = wire.decode_cancel_answer(body)

    assert answer.canceled == ["0x5fb6"]
    assert list(answer.not_canceled) == ["0x00"]
    assert wire.encode(answer) == body


def test_an_open_order_is_read_whatever_its_optional_fields_are() -> None:
    row = {
        "id": "0x4d",
        "status": "LIVE",
        "market": "0xc",
        "asset_id": "7",
        "side": "BUY",
        "original_size": "10",
        "price": "0.4",
    }
    full = {**row, "associate_trades": None, "created_at": "1795229865", "expiration": None, "outcome": None}
    page = wire.decode_open_orders(
        encoded({"limit": 100, "next_cursor": "LTE=", "count": 2, "data": [row, full]})
    )

    assert [order.size_matched for order in page.data] == ["", ""]
    assert page.next_cursor == wire.LAST_PAGE
    assert wire.decode_open_order(b"null") is None
    assert wire.decode_open_order(encoded(full)) is not None


def test_a_trade_is_read_from_either_sides_view() -> None:
    leg = {
        "order_id": "0xff",
        "owner": "o",
        "maker_address": "0x",
        "matched_amount": "10",
        "price": "0.57",
        "asset_id": "7",
    }
    row = {
        "id": "28c4",
        "taker_order_id": "0x06",
        "market": "0xbd",
        "asset_id": "5211",
        "side": "BUY",
        "size": "10",
        "price": "0.57",
        "status": "TRADE_STATUS_CONFIRMED",
        "match_time": "1672290701",
        "bucket_index": "1",
        "transaction_hash": None,
        "maker_orders": [leg],
        "trader_side": "MAKER",
    }
    (trade,) = wire.decode_trades(encoded({"data": [row]})).data

    assert wire.bare_status(trade.status) == "CONFIRMED"
    assert trade.maker_orders[0].matched_amount == "10"


@pytest.mark.parametrize("status", ["ORDER_STATUS_LIVE", "LIVE", "live"])
def test_a_status_means_the_same_in_every_spelling(status: str) -> None:
    assert wire.bare_status(status) == "LIVE"


def test_cursors_name_places_in_a_listing() -> None:
    assert wire.cursor(100) == "MTAw"
    assert [wire.offset_of(text) for text in ("", wire.FIRST_PAGE, "MTAw", wire.LAST_PAGE)] == [0, 0, 100, -1]
    for text in ("x", "!!", "YWJj"):
        with pytest.raises(WireError):
            wire.offset_of(text)


def test_a_page_of_rows_is_an_object_with_its_count() -> None:
    page = wire.Page[wire.MakerOrder](count=0)

    assert msgspec.json.encode(page) == b'{"limit":100,"next_cursor":"LTE=","count":0,"data":[]}'
