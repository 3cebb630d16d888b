"""Transactions that wallets sent: done as they come, remembered for those who ask what became of them."""

from __future__ import annotations

from typing import NamedTuple

from messages.values import MarketNs
from venue.paper.doors.contract_actions import ContractActions
from venue.paper.engine.exchange import Exchange
from venue.wire.eip712 import checksummed
from venue.wire.numbers import WireError
from venue.wire.transactions import Sent, read_transaction

MAX_KEPT = 10_000


class SendError(Exception):
    """A transaction that no node would take; the text says why."""


class Done(NamedTuple):
    """A transaction that was mined."""

    hash: str
    sender: str
    to: str
    nonce: int
    data: bytes
    at: MarketNs


class Mempool:
    """Nonces begin at 0 with the process; one that is too high is taken all the same (assumed)."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.actions = ContractActions(exchange)
        self._done: dict[str, Done] = {}
        self._nonces: dict[str, int] = {}

    def nonce_of(self, address: str) -> int:
        """How many an address has sent."""
        return self._nonces.get(address, 0)

    def find(self, hash_: str) -> Done | None:
        """A transaction by its hash."""
        return self._done.get(hash_)

    def send(self, raw: bytes) -> str:
        """Do what a signed transaction says; returns its hash. Raises SendError, or RevertedError in a sentence:
        what would fail is not mined at all (assumed, as a node does that tries it first)."""
        try:
            sent = read_transaction(raw)
        except WireError as error:
            raise SendError(f"invalid transaction: {error}") from error
        sender, nonce = checksummed(sent.sender), self.nonce_of(checksummed(sent.sender))
        if sent.hash in self._done:
            raise SendError("already known")
        if sent.nonce < nonce:
            raise SendError(f"nonce too low: next nonce {nonce}, tx nonce {sent.nonce}")
        if len(sent.to) != 20 or sent.value:
            raise SendError("only calls of the venue's contracts are taken here, without any value")
        self._do(sent, sender, checksummed(sent.to))
        return sent.hash

    def _do(self, sent: Sent, sender: str, to: str) -> None:
        self.actions.do(sender, to, sent.data, sent.hash)
        self._nonces[sender] = sent.nonce + 1
        if len(self._done) >= MAX_KEPT:
            del self._done[next(iter(self._done))]
        self._done[sent.hash] = Done(sent.hash, sender, to, sent.nonce, sent.data, self._exchange.now)
