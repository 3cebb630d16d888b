"""From what people write (dollars, shares, seconds) to the structs that use it, wrong keys refused by name."""

from __future__ import annotations

import difflib
import math
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from messages.values import MICRO, Money, Price, Shares, Size

MILLIONTHS: frozenset[Any] = frozenset({Price, Size, Money, Shares})
"""Types written as decimal numbers of dollars or shares."""
MAX_AMOUNT = 10**9
"""Dollars or shares; more is a slip of the keyboard."""
MAX_WHOLE = 2**53
"""Larger whole numbers do not survive every file format."""
MAX_SPAN_S = 366 * 86_400.0
MAX_DIGITS = 40
MAX_SHOWN = 60
S = TypeVar("S", bound=msgspec.Struct)


class ConfigError(ValueError):
    """One line: which source, which key, what is wrong."""

    def __init__(self, source: str, key: str, reason: str) -> None:
        text = f"{source}: {key}: {reason}" if key else f"{source}: {reason}"
        super().__init__(" ".join(text.split()))


class Reader:
    """Reads one source's values into structs. `source` is named in every error."""

    def __init__(self, source: str, hidden: frozenset[str] = frozenset(), *, text: bool = False) -> None:
        self.source = source
        self.hidden = hidden
        """Dotted keys that exist but are not written by people."""
        self.text = text
        """The source knows nothing but text, as the environment: numbers and booleans are read out of it."""
        self.read: list[str] = []
        """Dotted keys of the values that were read."""

    def struct(self, kind: type[S], raw: Any, key: str, base: S | None = None) -> S:
        """The struct with these values over `base`'s. Raises ConfigError for an unknown key or a wrong value."""
        if not isinstance(raw, dict):
            raise self.wrong(key, f"expected a section, got {_shown(raw)}")
        hints = get_type_hints(kind)
        tag = kind.__struct_config__.tag_field
        known = {f.name for f in msgspec.structs.fields(kind)} - self._hidden_below(key)
        values: dict[str, Any] = {}
        for name, value in raw.items():
            where = f"{key}.{name}" if key else str(name)
            if name == tag:
                self._check_tag(kind, value, where)
            elif name not in known:
                raise self.wrong(where, f"unknown key{_meant(str(name), known)}")
            else:
                current = getattr(base, name, None) if base is not None else None
                values[name] = self.value(hints[name], value, where, current)
        return self._made(kind, values, key, base)

    def _made(self, kind: type[S], values: dict[str, Any], key: str, base: S | None) -> S:
        try:
            return _with(kind, values, base)
        except (ValueError, TypeError) as error:
            alone = [name for name in values if _fails(kind, {name: values[name]}, base)]
            blamed = f"{key}.{alone[0]}".lstrip(".") if len(alone) == 1 else key
            raise self.wrong(blamed, str(error)) from error

    def _hidden_below(self, key: str) -> set[str]:
        prefix = f"{key}." if key else ""
        return {h[len(prefix) :] for h in self.hidden if h.startswith(prefix) and "." not in h[len(prefix) :]}

    def _check_tag(self, kind: type[msgspec.Struct], value: Any, key: str) -> None:
        expected = kind.__struct_config__.tag
        if value != expected:
            raise self.wrong(key, f"{_shown(value)} is none of {expected}")
        self.read.append(key)

    def value(self, hint: Any, raw: Any, key: str, current: Any = None) -> Any:
        """One value of the type it is for. Raises ConfigError."""
        if get_origin(hint) in (Union, UnionType):
            return self._union(get_args(hint), raw, key, current)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return self.struct(hint, raw, key, current if isinstance(current, hint) else None)
        self.read.append(key)
        if hint in MILLIONTHS:
            return self._millionths(hint, raw, key)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return self._choice(hint, raw, key)
        if isinstance(hint, type) and issubclass(hint, Path):
            if not isinstance(raw, str):
                raise self.wrong(key, f"expected a path, got {_shown(raw)}")
            return Path(raw).expanduser()
        return self._plain(hint, raw, key)

    def _union(self, options: tuple[Any, ...], raw: Any, key: str, current: Any) -> Any:
        structs = [o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct)]
        if structs and isinstance(raw, dict):
            field = structs[0].__struct_config__.tag_field or "name"
            usual = getattr(type(current), "__struct_config__", structs[0].__struct_config__).tag
            wanted = raw.get(field, usual)
            for option in structs:
                if option.__struct_config__.tag == wanted:
                    return self.struct(option, raw, key, current if isinstance(current, option) else None)
            names = ", ".join(str(o.__struct_config__.tag) for o in structs)
            raise self.wrong(f"{key}.{field}", f"{_shown(wanted)} is none of {names}")
        if raw is None and type(None) in options:
            return None
        rest = [o for o in options if o is not type(None)]
        return self.value(rest[0], raw, key, current)

    def _plain(self, hint: Any, raw: Any, key: str) -> Any:
        try:
            found = msgspec.convert(raw, hint, strict=not self.text)
        except msgspec.ValidationError as error:
            wanted = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}.get(hint)
            reason = f"expected {wanted}, got {_shown(raw)}" if wanted else str(error)
            raise self.wrong(key, reason) from error
        if isinstance(found, float) and not math.isfinite(found):
            raise self.wrong(key, f"expected a number, got {_shown(raw)}")
        if isinstance(found, int) and abs(found) > MAX_WHOLE:
            raise self.wrong(key, f"{found} is too large")
        if isinstance(found, int | float) and key.endswith("_s") and not 0 < found <= MAX_SPAN_S:
            raise self.wrong(key, f"{_shown(raw)} is no span of more than 0 and at most {MAX_SPAN_S:.0f} s")
        return found

    def _choice(self, hint: type[Enum], raw: Any, key: str) -> Any:
        for member in hint:
            if raw == member.value:
                return member
        raise self.wrong(key, f"{_shown(raw)} is none of {', '.join(str(m.value) for m in hint)}")

    def _millionths(self, kind: Any, raw: Any, key: str) -> int:
        allowed = str if self.text else int | float
        if isinstance(raw, bool) or not isinstance(raw, allowed):
            raise self.wrong(key, f"expected a number, got {_shown(raw)}")
        try:
            exact = Decimal(str(raw))
        except InvalidOperation:
            exact = Decimal("nan")
        if not exact.is_finite():
            raise self.wrong(key, f"expected a number, got {_shown(raw)}")
        if exact.copy_abs() > MAX_AMOUNT:
            raise self.wrong(key, f"{_shown(raw)} is more than a billion")
        if exact < 0 and kind in (Price, Size):
            raise self.wrong(key, f"{_shown(raw)} is below 0")
        if kind is Price and exact > 1:
            raise self.wrong(key, f"{_shown(raw)} is above 1")
        micro = _in_millionths(exact)
        if micro is None:
            raise self.wrong(key, f"{_shown(raw)} has more than six decimals")
        return micro

    def wrong(self, key: str, reason: str) -> ConfigError:
        """The error to raise about a key of this source."""
        return ConfigError(self.source, key, reason)


def _in_millionths(exact: Decimal) -> int | None:
    """Exactly, or None: no context of decimal arithmetic may round here."""
    digits = exact.as_tuple()
    if (
        not isinstance(digits.exponent, int)
        or digits.exponent < -MAX_DIGITS
        or len(digits.digits) > MAX_DIGITS
    ):
        return None
    micro = Fraction(exact) * MICRO
    return micro.numerator if micro.denominator == 1 else None


def _with(kind: type[S], values: dict[str, Any], base: S | None) -> S:
    return kind(**values) if base is None else msgspec.structs.replace(base, **values)


def _fails(kind: type[S], values: dict[str, Any], base: S | None) -> bool:
    try:
        _with(kind, values, base)
    except (ValueError, TypeError):
        return True
    return False


def _shown(raw: Any) -> str:
    """A raw value as people wrote it, not longer than a line wants it."""
    if isinstance(raw, dict | list):
        return "a section" if isinstance(raw, dict) else "a list"
    if raw is None:
        return "nothing"
    text = repr(raw) if isinstance(raw, str) else str(raw)
    text = text.lower() if isinstance(raw, bool) else text
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _meant(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    if close:
        return f", did you mean {close[0]!r}?"
    return f"; there are {', '.join(sorted(known))}" if known else ""
