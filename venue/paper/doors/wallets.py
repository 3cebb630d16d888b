"""Which key's owner trades for which wallet: proxies, safes and deposit wallets hold the money of an EOA."""

from __future__ import annotations

from messages.values import Money
from venue.paper.doors.keys import Keys
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused
from venue.wire.errors import WRONG_SIGNER

EOA = 0
PROXY, SAFE, DEPOSIT = 1, 2, 3
TYPES = (EOA, PROXY, SAFE, DEPOSIT)


class Wallets:
    """The first valid order of a wallet binds it to the address that signed, and funds it.

    The venue derives a wallet's address from its owner's; here any address will do, but only for one owner.
    After a restart an owner's trades tell which wallet was theirs.
    """

    def __init__(self, exchange: Exchange, keys: Keys) -> None:
        self._exchange = exchange
        self._keys = keys
        self._owners: dict[str, str] = {}
        self._wallets: dict[tuple[str, int], str] = {}
        self._recalled: dict[str, str | None] = {}

    def bind(self, wallet: str, signature_type: int, owner: str) -> None:
        """A correctly signed order moves this wallet's money. Raises Refused if it is somebody else's."""
        if self._owners.setdefault(wallet, owner) != owner:
            raise Refused(WRONG_SIGNER)
        if self._wallets.get((owner, signature_type)) != wallet:
            self._wallets[owner, signature_type] = wallet
            self._exchange.fund(wallet)

    def of(self, owner: str, signature_type: int) -> str | None:
        """The wallet an address last traded for with this signature type; None before its first order."""
        if signature_type == EOA:
            return owner
        return self._wallets.get((owner, signature_type)) or self._recall(owner)

    def owner_of(self, wallet: str) -> str:
        """The address whose keys trade for a wallet; an EOA is its own."""
        return self._owners.get(wallet, wallet)

    def first_funds(self) -> Money:
        """What a wallet will have when it is bound, in millionths of a dollar."""
        return self._exchange.first_funds

    def _recall(self, owner: str) -> str | None:
        """The wallet for which an address traded before this process was started; looked up once."""
        if owner not in self._recalled:
            self._recalled[owner] = None
            for key in self._keys.of(owner):
                for trade in self._exchange.trades(key):
                    parties = [(trade.taker_owner, trade.taker_maker)]
                    parties += [(leg.owner, leg.maker) for leg in trade.legs]
                    for party, maker in parties:
                        if party == key and maker not in (owner, *self._wallets.values()):
                            self._recalled[owner] = maker
                            self._owners.setdefault(maker, owner)
        return self._recalled[owner]
