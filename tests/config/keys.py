"""Every key that people may write, read off the settings themselves."""

from typing import get_type_hints

import msgspec

from config.settings import HIDDEN, Settings


def every_key(kind=Settings, prefix=""):
    """Dotted keys of all values, the name that chooses a struct included, the hidden ones left out."""
    found = [f"{prefix}{kind.__struct_config__.tag_field}"] if kind.__struct_config__.tag_field else []
    for name, hint in get_type_hints(kind).items():
        key = f"{prefix}{name}"
        if key in HIDDEN or name not in kind.__struct_fields__:
            continue
        is_section = isinstance(hint, type) and issubclass(hint, msgspec.Struct)
        found += every_key(hint, f"{key}.") if is_section else [key]
    return found


def keys_of(raw, prefix=""):
    """Dotted keys of all values in nested tables."""
    return [
        key
        for name, value in raw.items()
        for key in (keys_of(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"])
    ]
