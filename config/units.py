"""From what people write (dollars, shares, seconds) to the structs that use it, wrong keys refused by name."""

from __future__ import annotations

import difflib
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from messages.values import MICRO, Money, Price, Shares, Size

MILLIONTHS: frozenset[Any] = frozenset({Price, Size, Money, Shares})
"""Types written as decimal numbers of dollars or shares."""
S = TypeVar("S", bound=msgspec.Struct)


class ConfigError(ValueError):
    """One line: which source, which key, what is wrong."""

    def __init__(self, source: str, key: str, reason: str) -> None:
        super().__init__(f"{source}: {key}: {reason}" if key else f"{source}: {reason}")


class Reader:
    """Reads one source's values into structs. `source` is named in every error; text values are converted."""

    def __init__(self, source: str, hidden: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.hidden = hidden
        """Dotted keys that exist but are not written by people."""

    def struct(self, kind: type[S], raw: Any, key: str, base: S | None = None) -> S:
        """The struct with these values over `base`'s. Raises ConfigError for an unknown key or a wrong value."""
        if not isinstance(raw, dict):
            raise ConfigError(self.source, key, f"expected a section, got {type(raw).__name__}")
        hints = get_type_hints(kind)
        tag_field = kind.__struct_config__.tag_field
        known = {f.name for f in msgspec.structs.fields(kind)} - self._hidden_below(key)
        values: dict[str, Any] = {}
        for name, value in raw.items():
            where = f"{key}.{name}" if key else str(name)
            if name == tag_field:
                continue
            if name not in known:
                raise ConfigError(self.source, where, f"unknown key{_meant(str(name), known)}")
            current = getattr(base, name, None) if base is not None else None
            values[name] = self.value(hints[name], value, where, current)
        try:
            return msgspec.structs.replace(base, **values) if base is not None else kind(**values)
        except (ValueError, TypeError) as error:
            raise ConfigError(self.source, key, str(error)) from error

    def _hidden_below(self, key: str) -> set[str]:
        prefix = f"{key}." if key else ""
        return {h[len(prefix) :] for h in self.hidden if h.startswith(prefix) and "." not in h[len(prefix) :]}

    def value(self, hint: Any, raw: Any, key: str, current: Any = None) -> Any:
        """One value of the type it is for."""
        if get_origin(hint) in (Union, UnionType):
            return self._union(get_args(hint), raw, key, current)
        if hint in MILLIONTHS:
            return self._millionths(hint, raw, key)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return self.struct(hint, raw, key, current if isinstance(current, hint) else None)
        if isinstance(hint, type) and issubclass(hint, Path):
            if not isinstance(raw, str):
                raise ConfigError(self.source, key, "expected a path")
            return Path(raw).expanduser()
        try:
            return msgspec.convert(raw, hint, strict=not isinstance(raw, str))
        except msgspec.ValidationError as error:
            raise ConfigError(self.source, key, str(error)) from error

    def _union(self, options: tuple[Any, ...], raw: Any, key: str, current: Any) -> Any:
        structs = [o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct)]
        if structs and isinstance(raw, dict):
            field = structs[0].__struct_config__.tag_field or "name"
            wanted = raw.get(
                field, getattr(type(current), "__struct_config__", structs[0].__struct_config__).tag
            )
            for option in structs:
                if option.__struct_config__.tag == wanted:
                    return self.struct(option, raw, key, current if isinstance(current, option) else None)
            names = ", ".join(str(o.__struct_config__.tag) for o in structs)
            raise ConfigError(self.source, f"{key}.{field}", f"{wanted!r} is none of {names}")
        if raw is None and type(None) in options:
            return None
        rest = [o for o in options if o is not type(None)]
        return self.value(rest[0], raw, key, current)

    def _millionths(self, kind: Any, raw: Any, key: str) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise ConfigError(self.source, key, f"expected a number, got {raw!r}")
        try:
            exact = Decimal(str(raw)) * MICRO
        except InvalidOperation as error:
            raise ConfigError(self.source, key, f"expected a number, got {raw!r}") from error
        if not exact.is_finite() or exact != exact.to_integral_value():
            raise ConfigError(self.source, key, f"{raw} has more than six decimals")
        if exact < 0 and kind in (Price, Size):
            raise ConfigError(self.source, key, f"{raw} is below 0")
        if kind is Price and exact > MICRO:
            raise ConfigError(self.source, key, f"{raw} is above 1")
        return int(exact)


def _meant(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f", did you mean {close[0]!r}?" if close else f"; there are {', '.join(sorted(known))}"
