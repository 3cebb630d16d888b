import pytest

from venue.wire import accounts as wire
from venue.wire.errors import decode_error, encode_error
from venue.wire.numbers import WireError


def test_credentials_are_read_and_never_shown() -> None:
    creds = wire.decode_creds(b'{"apiKey":"f4f2","secret":"hidden=","passphrase":"hidden"}')

    assert (creds.apiKey, creds.secret) == ("f4f2", "hidden=")
    assert "hidden" not in repr(creds)


def test_a_balance_comes_with_its_allowances() -> None:
    found = wire.decode_balance(b'{"balance":"1000000000","allowances":{"0xE1":"5"}}')

    assert (found.balance, found.allowances) == ("1000000000", {"0xE1": "5"})


def test_a_heartbeat_names_the_last_id_and_a_refusal_the_right_one() -> None:
    assert wire.decode_heartbeat(b'{"heartbeat_id":null}').heartbeat_id is None
    assert wire.decode_heartbeat(b"{}").heartbeat_id == ""
    refused = wire.decode_heartbeat_answer(b'{"error_msg":"Invalid Heartbeat ID","heartbeat_id":"abc"}')
    assert refused.heartbeat_id == "abc"


def test_what_is_none_of_these_is_refused() -> None:
    for decode in (
        wire.decode_creds,
        wire.decode_balance,
        wire.decode_heartbeat,
        wire.decode_heartbeat_answer,
    ):
        with pytest.raises(WireError):
            decode(b"<html>")


def test_an_error_is_read_from_every_envelope_and_from_none() -> None:
    assert decode_error(encode_error("market not found")).text == "market not found"
    assert decode_error(b'{"error_msg":"Invalid Heartbeat ID"}').text == "Invalid Heartbeat ID"
    assert decode_error(b"<html>blocked</html>").text == "<html>blocked</html>"
    mode = decode_error(b'{"error":"post-only","code":"post_only_mode","retry_after_seconds":79}')
    assert (mode.code, mode.retry_after_seconds) == ("post_only_mode", 79)
