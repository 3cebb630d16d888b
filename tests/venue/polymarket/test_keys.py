import os
import pickle
import stat

import pytest

from tests.venue.polymarket.world import KEY
from venue.polymarket.keys import (
    Credentials,
    KeyFailed,
    PrivateKey,
    Redactor,
    Wallet,
    read_or_create_key,
    read_wallet,
)

FUNDER = "0x" + "22" * 20


def a_key_file(tmp_path, text, mode=0o600):
    path = tmp_path / "key"
    path.touch(mode=mode)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_missing_key_file_is_made_for_its_owner_alone_and_keeps_its_key(tmp_path):
    path = tmp_path / "key"

    made = read_or_create_key(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_create_key(path).reveal() == made.reveal()
    assert os.listdir(tmp_path) == ["key"]


def test_two_state_directories_have_two_keys(tmp_path):
    assert read_or_create_key(tmp_path / "a").reveal() != read_or_create_key(tmp_path / "b").reveal()


@pytest.mark.parametrize("text", [KEY, KEY[2:], KEY + "\n", KEY.upper().replace("0X", "0x")])
def test_a_key_is_read_with_and_without_its_prefix(tmp_path, text):
    assert read_or_create_key(a_key_file(tmp_path, text)).reveal() == KEY


@pytest.mark.parametrize("text", ["", "hunter2", KEY + "00", "0x" + "00" * 32, "0x" + "ff" * 32, "\xff" * 64])
def test_what_is_no_key_is_refused_in_one_line_that_names_the_file_and_not_its_contents(tmp_path, text):
    path = a_key_file(tmp_path, text)

    with pytest.raises(KeyFailed) as refused:
        read_or_create_key(path)

    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
def test_a_key_that_others_can_read_is_refused(tmp_path, mode):
    with pytest.raises(KeyFailed, match="chmod 600"):
        read_or_create_key(a_key_file(tmp_path, KEY, mode))


def test_a_directory_that_is_not_there_is_said_in_one_line(tmp_path):
    with pytest.raises(KeyFailed, match=r"nowhere/key: No such file"):
        read_or_create_key(tmp_path / "nowhere" / "key")


def test_without_a_file_the_environment_has_the_wallet():
    given = {"POLYMARKET_PRIVATE_KEY": KEY, "POLYMARKET_FUNDER": FUNDER, "POLYMARKET_SIGNATURE_TYPE": "3"}

    wallet = read_wallet(None, environment=given)

    assert (wallet.key.reveal(), wallet.signature_type, wallet.funder) == (KEY, 3, FUNDER)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "POLYMARKET_PRIVATE_KEY is not set"),
        ({"POLYMARKET_PRIVATE_KEY": "nonsense"}, "POLYMARKET_PRIVATE_KEY: not a private key"),
        ({"POLYMARKET_PRIVATE_KEY": KEY, "POLYMARKET_FUNDER": "0x1"}, "POLYMARKET_FUNDER: the funder"),
        ({"POLYMARKET_PRIVATE_KEY": KEY, "POLYMARKET_SIGNATURE_TYPE": "x"}, "POLYMARKET_SIGNATURE_TYPE"),
        ({"POLYMARKET_PRIVATE_KEY": KEY, "POLYMARKET_SIGNATURE_TYPE": "9"}, "type 9 is not one of"),
        ({"POLYMARKET_PRIVATE_KEY": KEY, "POLYMARKET_SIGNATURE_TYPE": "3"}, "needs the funder"),
    ],
)
def test_a_wallet_that_cannot_be_had_says_which_variable_and_why(given, named):
    with pytest.raises(KeyFailed, match=named):
        read_wallet(None, environment=given)


@pytest.mark.parametrize(
    "holder",
    [PrivateKey(KEY), Wallet(PrivateKey(KEY)), Credentials("owner-canary", "secret-canary", "phrase-canary")],
)
def test_nothing_that_holds_a_secret_shows_it(holder):
    shown = f"{holder!r} {holder!s} {holder} {[holder]}"

    assert "11" * 32 not in shown
    assert "canary" not in shown


def test_a_secret_does_not_leave_its_process():
    with pytest.raises(TypeError, match="stays"):
        pickle.dumps(PrivateKey(KEY))


def test_words_that_quote_a_secret_back_lose_it():
    redact = Redactor()
    redact.know(KEY, "s3cret-s3cret")

    cleaned = redact(f"bad key {KEY.upper()} and s3cret-s3cret, said the venue")

    assert "11" * 32 not in cleaned
    assert "s3cret" not in cleaned
    assert cleaned.endswith("said the venue")
