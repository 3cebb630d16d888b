"""Secrets: where they are read, and the types that keep them out of every log, repr and error."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import msgspec

KEY_VARIABLE = "POLYMARKET_PRIVATE_KEY"
FUNDER_VARIABLE = "POLYMARKET_FUNDER"
TYPE_VARIABLE = "POLYMARKET_SIGNATURE_TYPE"
SIGNATURE_TYPES = {0: "EOA", 1: "POLY_PROXY", 2: "POLY_GNOSIS_SAFE", 3: "POLY_1271"}
"""Who holds the money: the key's own address, a proxy, a safe, a deposit wallet."""
_KEY = re.compile(r"(0x)?[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class KeyFailed(ValueError):
    """A key or an address cannot be had; says where and why in one line, and nothing of what it read."""


class Secret:
    """A text that shows itself only when asked by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; for the signer, the headers and the subscription, and nobody else."""
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret stays in its process")


class PrivateKey(Secret):
    """A wallet's signing key: 0x and 64 hex digits."""

    __slots__ = ()


class Wallet(msgspec.Struct, frozen=True):
    """Who signs and whose money it is."""

    key: PrivateKey
    signature_type: int = 0
    """One of `SIGNATURE_TYPES`."""
    funder: str = ""
    """Address that holds the money; "" for the key's own."""


class Credentials:
    """The API key that a wallet was given: `owner` names us in orders and trades, as `wallet` does
    under every key it ever had; the rest signs requests."""

    __slots__ = ("owner", "passphrase", "secret", "wallet")

    def __init__(self, owner: str, secret: str, passphrase: str, wallet: str = "") -> None:
        self.owner = owner
        self.wallet = wallet
        self.secret = Secret(secret)
        self.passphrase = Secret(passphrase)

    def __repr__(self) -> str:
        return "Credentials(…)"


class Redactor:
    """Takes known secrets out of texts that others wrote: a venue may quote back what it was sent."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def know(self, *texts: str) -> None:
        """These never leave, with or without a leading 0x."""
        self._known.update(text.removeprefix("0x") for text in texts if len(text) >= 8)

    def __call__(self, text: str) -> str:
        for known in self._known:
            text = re.sub(re.escape(known), "…", text, flags=re.IGNORECASE)
        return text


def read_wallet(
    key_file: str | os.PathLike[str] | None,
    signature_type: int = 0,
    funder: str = "",
    environment: Mapping[str, str] | None = None,
) -> Wallet:
    """The wallet of a key file, created with a fresh key where there is none; without a file that of the
    environment. Raises KeyFailed."""
    if key_file is not None:
        return _checked(read_or_create_key(Path(key_file)), signature_type, funder, "the settings")
    given = os.environ if environment is None else environment
    text = given.get(KEY_VARIABLE, "").strip()
    if not text:
        raise KeyFailed(f"{KEY_VARIABLE} is not set and no key file is given")
    kind = given.get(TYPE_VARIABLE, "").strip() or str(signature_type)
    if not kind.isdecimal():
        raise KeyFailed(f"{TYPE_VARIABLE} is not one of {', '.join(map(str, SIGNATURE_TYPES))}")
    return _checked(
        _key(text, KEY_VARIABLE), int(kind), given.get(FUNDER_VARIABLE, "").strip() or funder, FUNDER_VARIABLE
    )


def read_or_create_key(path: Path) -> PrivateKey:
    """The key in this file, which nobody but its owner can read; made if there is none. Raises KeyFailed."""
    try:
        if not path.exists():
            _create(path)
        return read_key(path)
    except OSError as error:
        raise KeyFailed(f"{path}: {error.strerror or type(error).__name__}") from error


def read_key(path: Path) -> PrivateKey:
    """The key in this file. Raises KeyFailed, also where others could read the file; OSError."""
    with path.open(encoding="ascii", errors="replace") as file:
        about = os.fstat(file.fileno())
        if about.st_uid != os.geteuid():
            raise KeyFailed(f"{path}: belongs to another user")
        if about.st_mode & 0o077:
            mode = stat.S_IMODE(about.st_mode)
            raise KeyFailed(f"{path}: mode {mode:04o} lets others at it; chmod 600 it")
        return _key(file.read(200).strip(), str(path))


def _create(path: Path) -> None:
    """A whole file or none: written beside its place first, and on the disk before it has its name."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"0x{1 + secrets.randbelow(_CURVE_ORDER - 1):064x}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # somebody was faster; theirs is the key
    finally:
        draft.unlink()


def _key(text: str, where: str) -> PrivateKey:
    if not _KEY.fullmatch(text):
        raise KeyFailed(f"{where}: not a private key (64 hex digits)")
    digits = text.removeprefix("0x").lower()
    if not 0 < int(digits, 16) < _CURVE_ORDER:
        raise KeyFailed(f"{where}: not a private key (out of the curve's range)")
    return PrivateKey(f"0x{digits}")


def _checked(key: PrivateKey, signature_type: int, funder: str, where: str) -> Wallet:
    if signature_type not in SIGNATURE_TYPES:
        raise KeyFailed(
            f"signature type {signature_type} is not one of {', '.join(map(str, SIGNATURE_TYPES))}"
        )
    if funder and not _ADDRESS.fullmatch(funder):
        raise KeyFailed(f"{where}: the funder is not an address (0x and 40 hex digits)")
    if signature_type and not funder:
        raise KeyFailed(f"{where}: signature type {signature_type} needs the funder's address")
    return Wallet(key, signature_type, funder)
