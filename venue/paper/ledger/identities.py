"""Who is who: API keys of addresses, wallets of owners, and what wallets allow; every change is on disk at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import msgspec

from messages.values import MarketNs


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials of one address."""

    key: str
    secret: str
    passphrase: str
    address: str
    nonce: int


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """An address whose money another one's key moves (VENUE §2.3)."""

    maker: str
    owner: str
    """The address that signs for it."""
    type: int
    """Signature type: 1 proxy, 2 safe, 3 deposit wallet."""


class Identities:
    """The ledger's tables of keys, wallets and allowances."""

    def __init__(self, db: sqlite3.Connection, durable: Callable[[bool], None]) -> None:
        self._db = db
        self._durable = durable

    def save_api_key(self, key: str, secret: str, passphrase: str, address: str, nonce: int) -> None:
        """Keep new credentials. Raises ValueError if the key, or this address with this nonce, has some."""
        try:
            self._write(
                "INSERT INTO api_keys VALUES (?, ?, ?, ?, ?)", key, secret, passphrase, address, nonce
            )
        except sqlite3.IntegrityError as error:
            raise ValueError(f"{address} has a key with nonce {nonce} already") from error

    def find_api_key(self, key: str) -> ApiKey | None:
        """Credentials by key."""
        return self._api_key("key = ?", key)

    def api_key_of(self, address: str, nonce: int) -> ApiKey | None:
        """Credentials by address and nonce."""
        return self._api_key("address = ? AND nonce = ?", address, nonce)

    def api_keys_of(self, address: str) -> list[str]:
        """The keys of an address, by nonce."""
        rows = self._db.execute("SELECT key FROM api_keys WHERE address = ? ORDER BY nonce", (address,))
        return [key for (key,) in rows]

    def delete_api_key(self, key: str) -> None:
        """Forget credentials; what they traded stays."""
        self._write("DELETE FROM api_keys WHERE key = ?", key)

    def bind_wallet(self, wallet: Wallet, at: MarketNs) -> None:
        """A wallet is its owner's from now on."""
        row = (wallet.maker, wallet.owner, wallet.type, int(at))
        self._write("INSERT OR REPLACE INTO wallets VALUES (?, ?, ?, ?)", *row)

    def wallets(self) -> list[Wallet]:
        """Every wallet that has an owner, in the order in which they were bound."""
        rows = self._db.execute("SELECT maker, owner, type FROM wallets ORDER BY bound_at, maker")
        return [Wallet(maker=maker, owner=owner, type=kind) for maker, owner, kind in rows]

    def owners_of(self, maker: str) -> list[str]:
        """The addresses whose keys move a wallet's money, the wallet's own first if it has keys."""
        own = [maker] if self.api_keys_of(maker) else []
        rows = self._db.execute("SELECT owner FROM wallets WHERE maker = ? AND owner <> maker", (maker,))
        return own + [owner for (owner,) in rows]

    def save_allowance(self, maker: str, spender: str, is_tokens: bool, amount: int) -> None:
        """What a spender may move of a wallet's collateral or tokens, millionths."""
        row = (maker, spender, int(is_tokens), str(amount))
        self._write("INSERT OR REPLACE INTO allowances VALUES (?, ?, ?, ?)", *row)

    def allowances(self) -> list[tuple[str, str, bool, int]]:
        """Wallet, spender, whether it is about tokens, amount: all that were ever changed."""
        rows = self._db.execute("SELECT maker, spender, is_tokens, amount FROM allowances")
        return [(maker, spender, bool(tokens), int(amount)) for maker, spender, tokens, amount in rows]

    def _api_key(self, where: str, *given: object) -> ApiKey | None:
        row = self._db.execute(
            f"SELECT key, secret, passphrase, address, nonce FROM api_keys WHERE {where}", given
        ).fetchone()
        if row is None:
            return None
        return ApiKey(key=row[0], secret=row[1], passphrase=row[2], address=row[3], nonce=row[4])

    def _write(self, statement: str, *given: object) -> None:
        self._durable(True)
        self._db.execute(statement, given)
