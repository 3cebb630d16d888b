"""Signed transactions of the chain, as wallets send them to a node: legacy, with access lists, with priority fees."""

from __future__ import annotations

from typing import NamedTuple

from venue.wire.eip712 import CHAIN_ID, keccak, recover
from venue.wire.numbers import WireError

MAX_SIZE = 128 * 1024
MAX_NESTING = 4
ACCESS_LIST, PRIORITY_FEE = 1, 2
_PARTS = {0: 9, ACCESS_LIST: 11, PRIORITY_FEE: 12}
"""Fields by type, the last three of them the signature."""
_CALL_AT = {0: 3, ACCESS_LIST: 4, PRIORITY_FEE: 5}
"""Where receiver, value and data stand."""

Item = bytes | list["Item"]


class Sent(NamedTuple):
    """A transaction; addresses have 20 bytes, `to` none where a contract would be made."""

    hash: str
    sender: bytes
    nonce: int
    to: bytes
    value: int
    data: bytes


def read_transaction(raw: bytes) -> Sent:
    """A transaction for this chain, and who signed it. Raises WireError."""
    if not raw or len(raw) > MAX_SIZE:
        raise WireError("no transaction, or too long a one")
    kind = raw[0] if raw[0] < 0x80 else 0
    fields = _unpacked(raw[1:] if kind else raw)
    if kind not in _PARTS or not isinstance(fields, list) or len(fields) != _PARTS[kind]:
        raise WireError("a transaction of a type that is not known here")
    unsigned = fields[:-3]
    v, r, s = (_number(field) for field in fields[-3:])
    chain, parity = (_number(fields[0]), v) if kind else ((v - 35) // 2, (v - 35) % 2)
    if chain != CHAIN_ID:
        raise WireError(f"a transaction for chain {chain}, not {CHAIN_ID}")
    if not kind:
        unsigned = [*unsigned, _minimal(chain), b"", b""]
    digest = keccak((bytes((kind,)) if kind else b"") + _packed(unsigned))
    if parity > 1 or max(r, s) >= 1 << 256:
        raise WireError("a signature of nobody")
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((parity,))
    at = _CALL_AT[kind]
    return Sent(
        hash="0x" + keccak(raw).hex(),
        sender=recover(digest, signature),
        nonce=_number(fields[1 if kind else 0]),
        to=_text(fields[at]),
        value=_number(fields[at + 1]),
        data=_text(fields[at + 2]),
    )


def _unpacked(data: bytes) -> Item:
    """Recursive-length-prefix data. Raises WireError."""
    item, end = _item(data, 0, 0)
    if end != len(data):
        raise WireError("a transaction with something behind it")
    return item


def _item(data: bytes, at: int, depth: int) -> tuple[Item, int]:
    """The item that begins there, and where it ends."""
    if at >= len(data) or depth > MAX_NESTING:
        raise WireError("a transaction that is cut short, or too deep")
    lead = data[at]
    if lead < 0x80:
        return data[at : at + 1], at + 1
    is_list = lead >= 0xC0
    size, begin = lead - (0xC0 if is_list else 0x80), at + 1
    if size > 55:
        begin += size - 55
        size = int.from_bytes(data[at + 1 : begin], "big")
    end = begin + size
    if end > len(data):
        raise WireError("a transaction that is cut short")
    if not is_list:
        return data[begin:end], end
    items = list[Item]()
    while begin < end:
        item, begin = _item(data[:end], begin, depth + 1)
        items.append(item)
    return items, end


def _packed(item: Item) -> bytes:
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < 0x80 else _lead(len(item), 0x80) + item
    inside = b"".join(_packed(each) for each in item)
    return _lead(len(inside), 0xC0) + inside


def _lead(size: int, base: int) -> bytes:
    if size <= 55:
        return bytes((base + size,))
    length = _minimal(size)
    return bytes((base + 55 + len(length),)) + length


def _minimal(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _text(item: Item) -> bytes:
    if not isinstance(item, bytes):
        raise WireError("a list where bytes belong")
    return item


def _number(item: Item) -> int:
    return int.from_bytes(_text(item), "big")
