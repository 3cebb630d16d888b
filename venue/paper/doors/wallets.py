"""Which key's owner trades for which wallet: proxies, safes and deposit wallets hold the money of an EOA."""

from __future__ import annotations

from messages.values import Money
from venue.paper.doors.keys import Keys
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused, TokenSide
from venue.paper.ledger.identities import Wallet
from venue.wire import errors

EOA = 0
PROXY, SAFE, DEPOSIT = 1, 2, 3
TYPES = (EOA, PROXY, SAFE, DEPOSIT)


class Wallets:
    """The first valid order of a wallet binds it to the address that signed, and funds it.

    The venue derives a wallet's address from its owner's; here any address will do, but only for one owner, and
    not one that has API keys of its own. The ledger remembers.
    """

    def __init__(self, exchange: Exchange, keys: Keys) -> None:
        self._exchange = exchange
        self._keys = keys
        self._owners: dict[str, str] = {}
        self._wallets: dict[tuple[str, int], str] = {}
        for wallet in exchange.ledger.identities.wallets():
            self._owners[wallet.maker] = wallet.owner
            self._wallets[wallet.owner, wallet.type] = wallet.maker

    def bind(self, wallet: str, signature_type: int, owner: str) -> None:
        """A correctly signed order moves this wallet's money. Raises Refused if it is somebody else's."""
        bound = self._owners.get(wallet)
        if bound is None and wallet != owner and self._keys.of(wallet):
            bound = wallet
        if bound not in (None, owner):
            raise Refused(errors.WRONG_SIGNER)
        if self._wallets.get((owner, signature_type)) != wallet:
            self._owners[wallet] = owner
            self._wallets[owner, signature_type] = wallet
            told = Wallet(maker=wallet, owner=owner, type=signature_type)
            self._exchange.ledger.identities.bind_wallet(told, self._exchange.now)
            self._exchange.fund(wallet)

    def check(self, wallet: str, owner: str, signature_type: int, side: TokenSide) -> None:
        """Whether the venue lets an address place such an order for a wallet. Raises Refused."""
        rules = self._exchange.bank.switches
        for address in (owner, wallet):
            if address in rules.banned:
                raise Refused(errors.BANNED.format(address=address))
            if side is TokenSide.BUY and address in rules.closed_only:
                raise Refused(errors.CLOSED_ONLY.format(address=address))
        if rules.deposit_wallets_only and signature_type != DEPOSIT:
            raise Refused(errors.MAKER_NOT_ALLOWED)

    def is_closed_only(self, owner: str) -> bool:
        """Whether an address, or a wallet it trades for, may only sell."""
        closed_only = self._exchange.bank.switches.closed_only
        return any(address in closed_only for address in self.all_of(owner))

    def of(self, owner: str, signature_type: int) -> str | None:
        """The wallet an address last traded for with this signature type; None before its first order."""
        return owner if signature_type == EOA else self._wallets.get((owner, signature_type))

    def all_of(self, owner: str) -> list[str]:
        """An address and every wallet whose money its keys move."""
        return [owner, *(wallet for wallet, bound in self._owners.items() if bound == owner != wallet)]

    def owner_of(self, wallet: str) -> str:
        """The address whose keys trade for a wallet; an EOA is its own."""
        return self._owners.get(wallet, wallet)

    def first_funds(self) -> Money:
        """What a wallet will have when it is bound, in millionths of a dollar."""
        return self._exchange.first_funds
