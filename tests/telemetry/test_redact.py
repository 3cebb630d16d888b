import pytest

from telemetry.redact import HIDDEN, Redactor

KEY = "0x" + "4f" * 32
CANARY = "canary-0123456789"
REDACTOR = Redactor(
    {"POLYMARKET_PRIVATE_KEY": KEY, "CLOB_SECRET": CANARY, "HOME": "/home/somebody", "X_KEY": "short"}
)


@pytest.mark.parametrize("text", [f"signing with {KEY}", f"key {KEY[2:]} refused", f"{CANARY}{CANARY}"])
def test_the_values_of_secret_variables_are_hidden_wherever_they_stand(text):
    hidden = REDACTOR.text(text)

    assert KEY[2:] not in hidden
    assert CANARY not in hidden


@pytest.mark.parametrize(
    "text",
    [
        "private_key=s3cr3t",
        "'secret': 's3cr3t'",
        '{"passphrase": "s3cr3t", "a": 1}',
        "POLY_SIGNATURE: s3cr3t",
        "Authorization: Bearer s3cr3t",
        "api-key = s3cr3t",
    ],
)
def test_what_follows_a_secrets_name_is_hidden(text):
    assert "s3cr3t" not in REDACTOR.text(text)
    assert HIDDEN in REDACTOR.text(text)


def test_other_text_is_left_alone():
    text = "order 0x" + "ab" * 32 + " rests at 0.63 in /home/somebody (short)"

    assert REDACTOR.text(text) == text


@pytest.mark.parametrize("name", ["key", "private_key", "api_secret", "passphrase", "clob_pk"])
def test_a_field_with_a_secrets_name_is_hidden_whatever_it_holds(name):
    assert REDACTOR.field(name, "anything") == HIDDEN


def test_another_field_is_hidden_by_its_value_only():
    assert REDACTOR.field("market", "abc") == "abc"
    assert REDACTOR.field("market", CANARY) == HIDDEN
