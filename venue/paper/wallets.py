"""Which key's owner trades for which wallet: proxies, safes and deposit wallets hold the money of an EOA."""

from __future__ import annotations

from messages.values import Money
from venue.paper.exchange import Exchange
from venue.paper.terms import Refused
from venue.wire.errors import WRONG_SIGNER

EOA = 0
PROXY, SAFE, DEPOSIT = 1, 2, 3
TYPES = (EOA, PROXY, SAFE, DEPOSIT)


class Wallets:
    """The first valid order of a wallet binds it to the address that signed, and funds it.

    The venue derives a wallet's address from its owner's; here any address will do, but only for one owner.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._owners: dict[str, str] = {}
        self._wallets: dict[tuple[str, int], str] = {}

    def bind(self, wallet: str, signature_type: int, owner: str) -> None:
        """A correctly signed order moves this wallet's money. Raises Refused if it is somebody else's."""
        if self._owners.setdefault(wallet, owner) != owner:
            raise Refused(WRONG_SIGNER)
        if self._wallets.get((owner, signature_type)) != wallet:
            self._wallets[owner, signature_type] = wallet
            self._exchange.fund(wallet)

    def of(self, owner: str, signature_type: int) -> str | None:
        """The wallet an address last traded for with this signature type; None before its first order."""
        return owner if signature_type == EOA else self._wallets.get((owner, signature_type))

    def owner_of(self, wallet: str) -> str:
        """The address whose keys trade for a wallet; an EOA is its own."""
        return self._owners.get(wallet, wallet)

    def first_funds(self) -> Money:
        """What a wallet will have when it is bound, in millionths of a dollar."""
        return self._exchange.first_funds
