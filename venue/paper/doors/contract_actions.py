"""What wallets can do to the venue's contracts: approve, split, merge, redeem, convert (VENUE §9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from messages.values import MarketId, Size
from venue.paper.doors.contract_calls import ERC20, RevertedError, selector
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Event, Market, Refused
from venue.wire.contracts import (
    COLLATERAL,
    COLLATERAL_ADAPTER,
    CONDITIONAL_TOKENS,
    CTF_NEG_RISK_ADAPTER,
    NEG_RISK_ADAPTER,
    POSITION_MANAGER,
    UNLIMITED,
)
from venue.wire.eip712 import address_bytes, checksummed

MAX_AMOUNT = 1 << 60
PAIRS = ("address", "bytes32", "bytes32", "uint256[]", "uint256")
"""Collateral, parent collection, condition, partition, amount."""
HOLDERS_OF_PAIRS = (CONDITIONAL_TOKENS, COLLATERAL_ADAPTER, NEG_RISK_ADAPTER, CTF_NEG_RISK_ADAPTER)
NEG_RISK_ADAPTERS = (NEG_RISK_ADAPTER, CTF_NEG_RISK_ADAPTER)

Action = Callable[[str, Sequence[Any]], object]
"""Gets the wallet and the decoded arguments."""


class ContractActions:
    """Every action is done at once and whole, or not at all."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._bank = exchange.bank
        self._actions: dict[str, dict[bytes, tuple[tuple[str, ...], Action]]] = {
            **{token: self._of_collateral(token) for token in ERC20},
            **{
                contract: _table({("setApprovalForAll", ("address", "bool")): self._approve_all})
                for contract in (CONDITIONAL_TOKENS, POSITION_MANAGER)
            },
        }
        for contract in HOLDERS_OF_PAIRS:
            self._actions.setdefault(contract, {}).update(self._of_pairs())
        for contract in NEG_RISK_ADAPTERS:
            self._actions[contract].update(self._of_neg_risk())

    def do(self, wallet: str, to: str, data: bytes, transaction: str) -> None:
        """A wallet calls the contract at a checksummed address in a transaction. Raises RevertedError in a sentence."""
        found = self._actions.get(to, {}).get(data[:4])
        if found is None:
            raise RevertedError("execution reverted: this contract does nothing of the kind here")
        arguments, action = found
        try:
            given = decode(arguments, data[4:])
        except (DecodingError, OverflowError) as error:
            raise RevertedError("execution reverted: arguments of another shape") from error
        self._exchange.fund(wallet)
        try:
            with self._bank.transaction(transaction):
                action(wallet, given)
        except Refused as no:
            raise RevertedError(f"execution reverted: {no.text}") from no

    def _of_collateral(self, token: str) -> dict[bytes, tuple[tuple[str, ...], Action]]:
        def approve(wallet: str, given: Sequence[Any]) -> None:
            if token == COLLATERAL:
                self._bank.allow(wallet, _address(given[0]), False, min(int(given[1]), UNLIMITED))

        return _table({("approve", ("address", "uint256")): approve})

    def _of_pairs(self) -> dict[bytes, tuple[tuple[str, ...], Action]]:
        return _table(
            {
                ("splitPosition", PAIRS): lambda who, given: self._split(who, given[2], given[4]),
                ("mergePositions", PAIRS): lambda who, given: self._merge(who, given[2], given[4]),
                ("redeemPositions", PAIRS[:-1]): lambda who, given: self._redeem(who, given[2]),
            }
        )

    def _of_neg_risk(self) -> dict[bytes, tuple[tuple[str, ...], Action]]:
        short = ("bytes32", "uint256")
        return _table(
            {
                ("splitPosition", short): lambda who, given: self._split(who, *given),
                ("mergePositions", short): lambda who, given: self._merge(who, *given),
                ("redeemPositions", ("bytes32", "uint256[]")): lambda who, given: self._redeem(who, given[0]),
                ("convertPositions", ("bytes32", "uint256", "uint256")): self._convert,
            }
        )

    def _approve_all(self, wallet: str, given: Sequence[Any]) -> None:
        self._bank.allow(wallet, _address(given[0]), True, UNLIMITED if given[1] else 0)

    def _split(self, wallet: str, condition: bytes, amount: int) -> None:
        self._bank.split(wallet, self._market(condition), _size(amount))

    def _merge(self, wallet: str, condition: bytes, amount: int) -> None:
        self._bank.merge(wallet, self._market(condition), _size(amount))

    def _redeem(self, wallet: str, condition: bytes) -> None:
        self._bank.redeem(wallet, self._market(condition))

    def _convert(self, wallet: str, given: Sequence[Any]) -> None:
        """The n-th bit of an index set is the event's n-th market."""
        event = self._event("0x" + given[0].hex())
        chosen = [market for n, market in enumerate(event.markets) if given[1] >> n & 1]
        self._bank.convert(wallet, event, chosen, _size(given[2]))

    def _market(self, condition: bytes) -> Market:
        market = self._exchange.market(MarketId("0x" + condition.hex()))
        if market is None:
            raise Refused("no such condition")
        return market

    def _event(self, neg_risk_market: str) -> Event:
        for event in self._exchange.events:
            if event.neg_risk_market == neg_risk_market:
                return event
        raise Refused("no such neg-risk market")


def _table(
    actions: dict[tuple[str, tuple[str, ...]], Action],
) -> dict[bytes, tuple[tuple[str, ...], Action]]:
    return {
        selector(f"{name}({','.join(arguments)})"): (arguments, action)
        for (name, arguments), action in actions.items()
    }


def _size(amount: int) -> Size:
    if not 0 < amount <= MAX_AMOUNT:
        raise Refused("the amount is out of range")
    return Size(amount)


def _address(text: str) -> str:
    return checksummed(address_bytes(text))
