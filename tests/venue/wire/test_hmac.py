import pytest

from tests.venue.wire.vectors import AT, SECRET
from venue.wire.hmac import l2_matches, l2_signature
from venue.wire.numbers import WireError

READ = "NTt0e8XQzUuVTici5whIU-0NfgRXijqf0FarNw-ik2Q="
CANCEL = "R6Zjd0XmcT575-SA5KWD9BUc-qkFqvudAxkHd3R1vpw="


def test_a_call_is_signed_as_the_venue_signs_it() -> None:
    assert l2_signature(SECRET, AT, "GET", "/data/orders") == READ
    assert l2_signature(SECRET, AT, "DELETE", "/order", b'{"orderID":"0xabc"}') == CANCEL


def test_a_signature_is_good_for_its_method_path_body_and_time_only() -> None:
    assert l2_matches(READ, SECRET, AT, "GET", "/data/orders")
    assert not l2_matches(READ, SECRET, AT, "POST", "/data/orders")
    assert not l2_matches(READ, SECRET, AT, "GET", "/data/trades")
    assert not l2_matches(READ, SECRET, AT, "GET", "/data/orders", b"{}")
    assert not l2_matches(READ, SECRET, "1700000001", "GET", "/data/orders")
    assert not l2_matches("näh", SECRET, AT, "GET", "/data/orders")


def test_a_secret_that_is_no_base64_signs_nothing() -> None:
    with pytest.raises(WireError):
        l2_signature("a", AT, "GET", "/")
