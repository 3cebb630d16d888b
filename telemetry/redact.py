"""Takes secrets out of what is written: by the names they go by, and by their values where those are known."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

HIDDEN = "<hidden>"
_NAME = r"private[_-]?key|secret|passphrase|password|passwd|api[_-]?key|authorization|signature|mnemonic"
_NAMES = re.compile(rf"(?i)(?:{_NAME}|^key$|_key$|_pk$|token$)")
_ENVIRONMENT = re.compile(r"(?i)(?:key|secret|passphrase|password|passwd|token$|mnemonic|credential)")
_ASSIGNED = re.compile(
    rf"(?i)([\w-]*(?:{_NAME})[\w-]*[\"']?\s*[:=]\s*)(?:b?[\"'])?(?:(?:bearer|basic)\s+)?[^\s\"',;&)}}\]]+"
)
_SHORTEST = 8
"""Shorter values are too common to be searched for."""


class Redactor:
    """Knows the secrets of an environment."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        found = {
            form
            for name, value in (os.environ if environment is None else environment).items()
            if _ENVIRONMENT.search(name)
            for form in (value, value.removeprefix("0x"))
            if len(form) >= _SHORTEST
        }
        self._values = sorted(found, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The same text with every secret in it hidden."""
        for value in self._values:
            if value in text:
                text = text.replace(value, HIDDEN)
        return _ASSIGNED.sub(rf"\1{HIDDEN}", text)

    def field(self, name: str, value: object) -> str:
        """A named value as text, hidden if the name says that it is a secret."""
        return HIDDEN if _NAMES.search(name) else self.text(str(value))
