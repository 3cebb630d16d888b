"""Every kind of message there is: round trip, integers only, room to grow."""

import importlib
import random
import typing
from enum import Enum
from types import UnionType

import msgspec
import pytest

from messages import ALL_MESSAGES
from messages.base import Envelope, Fact, Message, State
from messages.codec import (
    CodecError,
    decode_body,
    decode_envelope,
    encode_body,
    encode_envelope,
    from_json,
    to_json,
)
from messages.values import MarketNs, RealNs


def sample(hint, rng):
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if hint is msgspec.Raw:
        return msgspec.Raw(msgspec.msgpack.encode([1]))
    if origin in (typing.Union, UnionType):
        return sample(rng.choice([a for a in arguments if a is not type(None)]), rng)
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(sample(arguments[0], rng) for _ in range(rng.randint(0, 3)))
        return tuple(sample(a, rng) for a in arguments)
    hint = getattr(hint, "__supertype__", hint)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return build(hint, rng)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return rng.choice(list(hint))
    if hint is bool:
        return rng.random() < 0.5
    if hint is int:
        return rng.randint(-(2**60), 2**60)
    if hint is bytes:
        return rng.randbytes(16)
    assert hint is str, hint
    return "x" * rng.randint(0, 80)


def build(kind, rng):
    hints = typing.get_type_hints(kind)
    return kind(**{f.name: sample(hints[f.name], rng) for f in msgspec.structs.fields(kind)})


def envelope(message: Message) -> Envelope:
    return Envelope(
        1, type(message).__name__, 1, "maker@7", 1, 1, b"i" * 16, b"c" * 16, b"", RealNs(1), 2, MarketNs(3), 0, "",
        encode_body(message),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ALL_MESSAGES, ids=lambda kind: kind.__name__)
def test_a_message_comes_out_of_its_envelope_as_it_went_in(kind):
    for seed in range(5):
        message = build(kind, random.Random(f"{kind.__name__}{seed}"))

        assert decode_body(decode_envelope(encode_envelope(envelope(message)))) == message


def float_paths(hint, where, seen=()):
    arguments = typing.get_args(hint)
    if hint is float:
        yield where
    for argument in arguments:
        yield from float_paths(argument, where, seen)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct) and hint not in seen:
        for name, inner in typing.get_type_hints(hint).items():
            if typing.get_origin(inner) is not typing.ClassVar:
                yield from float_paths(inner, f"{where}.{name}", (*seen, hint))


@pytest.mark.parametrize("kind", [*ALL_MESSAGES, Envelope, Fact], ids=lambda kind: kind.__name__)
def test_no_message_holds_a_float(kind):
    assert list(float_paths(kind, kind.__name__)) == []


@pytest.mark.parametrize("kind", ALL_MESSAGES, ids=lambda kind: kind.__name__)
def test_a_field_written_by_newer_code_is_passed_over(kind):
    message = build(kind, random.Random(1))
    raw = msgspec.msgpack.decode(bytes(encode_body(message)))
    raw["of_tomorrow"] = 1

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(raw), type=kind) == message


@pytest.mark.parametrize("kind", ALL_MESSAGES, ids=lambda kind: kind.__name__)
def test_a_field_with_a_default_may_be_missing_from_an_old_message(kind):
    message = build(kind, random.Random(2))
    raw = msgspec.msgpack.decode(bytes(encode_body(message)))
    for field in msgspec.structs.fields(kind):
        if field.default is not msgspec.NODEFAULT:
            raw.pop(field.name)

    msgspec.msgpack.decode(msgspec.msgpack.encode(raw), type=kind)


@pytest.mark.parametrize("kind", [k for k in ALL_MESSAGES if issubclass(k, State)], ids=lambda k: k.__name__)
def test_a_state_names_fields_it_has_as_its_key(kind):
    assert set(kind.key) <= {f.name for f in msgspec.structs.fields(kind)}


def test_messages_are_never_changed():
    message = build(ALL_MESSAGES[0], random.Random(3))
    name = msgspec.structs.fields(type(message))[0].name

    with pytest.raises(AttributeError):
        setattr(message, name, getattr(message, name))


@pytest.mark.parametrize(
    "frame",
    [b"", b"\xc1", b"\x90", b"x" * 100, msgspec.msgpack.encode({"kind": "Ping"}), b"\x00" * (2 << 20)],
)
def test_what_is_no_envelope_is_refused_in_words(frame):
    with pytest.raises(CodecError):
        decode_envelope(frame)


def test_an_unknown_kind_a_newer_schema_and_another_shape_are_refused():
    good = envelope(build(ALL_MESSAGES[0], random.Random(4)))
    for change in (
        {"kind": "NeverHeardOf"},
        {"schema": 99},
        {"body": msgspec.Raw(msgspec.msgpack.encode({"odd": 1.5}))},
    ):
        with pytest.raises(CodecError):
            decode_body(msgspec.structs.replace(good, **change))


def test_an_envelope_of_a_newer_version_is_refused():
    newer = msgspec.structs.replace(envelope(build(ALL_MESSAGES[0], random.Random(5))), version=2)

    with pytest.raises(CodecError, match="newer"):
        decode_envelope(encode_envelope(newer))


def test_json_at_the_edge_says_the_same():
    from messages.risk import HaltTrading

    halt = HaltTrading(request="1", reason="because", sender="me")

    assert from_json(HaltTrading, to_json(halt)) == halt


def test_every_message_class_is_named_in_the_vocabulary():
    modules = ("account", "audit", "liquidation", "market", "orders", "risk", "system", "wallet")
    written = {
        value
        for name in modules
        for value in vars(importlib.import_module(f"messages.{name}")).values()
        if isinstance(value, type) and issubclass(value, Message) and value.__module__ == f"messages.{name}"
    }

    assert written == set(ALL_MESSAGES)
