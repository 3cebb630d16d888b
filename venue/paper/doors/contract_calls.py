"""What the venue's contracts answer to `eth_call`: balances, allowances, payouts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from messages.values import MICRO, MarketId, TokenId
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market
from venue.wire import contracts
from venue.wire.eip712 import address_bytes, checksummed, keccak

ERC20 = (contracts.COLLATERAL, contracts.USDC_BRIDGED, contracts.USDC)
"""They all have the balances of the collateral, so that a bot which asks for the old one sees its money."""
ERC1155 = (contracts.CONDITIONAL_TOKENS, contracts.CTF_NEG_RISK_ADAPTER, contracts.POSITION_MANAGER)
"""They all have the balances of the outcome tokens, whoever is asked for them."""
NAMES = {
    contracts.COLLATERAL: ("pUSD", "Polymarket USD"),
    contracts.USDC_BRIDGED: ("USDC.e", "USD Coin (PoS)"),
    contracts.USDC: ("USDC", "USD Coin"),
}
CODE = frozenset(
    {*ERC20, *ERC1155, *contracts.SPENDERS, *contracts.COLLATERAL_SPENDERS.values(), contracts.MULTICALL}
)
"""Addresses that are contracts."""
MAX_CALLS = 500
MAX_DEPTH = 3


class RevertedError(Exception):
    """The call has no answer."""


class Function(NamedTuple):
    """One function of a contract; `answer` gets the decoded arguments."""

    arguments: tuple[str, ...]
    returns: tuple[str, ...]
    answer: Callable[..., Sequence[Any]]


class Contracts:
    """Answers as of the chain's last block, which is now."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._bank = exchange.bank
        tokens = _table(self._conditional_tokens())
        self._functions: dict[str, dict[bytes, Function]] = {
            **dict.fromkeys(ERC1155, tokens),
            **{address: _table(self._erc20(*NAMES[address])) for address in ERC20},
        }
        self._aggregate = selector("aggregate3((address,bool,bytes)[])")

    def call(self, to: str, data: bytes, depth: int = 0) -> bytes:
        """The answer of the contract at a checksummed address; of an address without one it is empty. Raises
        RevertedError."""
        if to == contracts.MULTICALL and data[:4] == self._aggregate:
            return self._call_several(data, depth)
        if to not in CODE:
            return b""
        function = self._functions.get(to, {}).get(data[:4])
        if function is None:
            raise RevertedError("execution reverted: no such function here")
        try:
            given = decode(function.arguments, data[4:])
        except (DecodingError, OverflowError) as error:
            raise RevertedError("execution reverted: arguments of another shape") from error
        return encode(function.returns, function.answer(*given))

    def _call_several(self, data: bytes, depth: int) -> bytes:
        try:
            (calls,) = decode(["(address,bool,bytes)[]"], data[4:])
        except (DecodingError, OverflowError) as error:
            raise RevertedError("execution reverted: arguments of another shape") from error
        if depth >= MAX_DEPTH or len(calls) > MAX_CALLS:
            raise RevertedError("execution reverted: too many calls")
        answers = list[tuple[bool, bytes]]()
        for to, may_fail, inner in calls:
            try:
                answers.append((True, self.call(_address(to), inner, depth + 1)))
            except RevertedError:
                if not may_fail:
                    raise
                answers.append((False, b""))
        return encode(["(bool,bytes)[]"], [answers])

    def _erc20(self, symbol: str, name: str) -> dict[str, Function]:
        return {
            "balanceOf": Function(("address",), ("uint256",), lambda who: [self._balance(who, None)]),
            "allowance": Function(
                ("address", "address"),
                ("uint256",),
                lambda who, spender: [self._allowance(who, spender, None)],
            ),
            "decimals": Function((), ("uint8",), lambda: [6]),
            "symbol": Function((), ("string",), lambda: [symbol]),
            "name": Function((), ("string",), lambda: [name]),
        }

    def _conditional_tokens(self) -> dict[str, Function]:
        return {
            "balanceOf": Function(
                ("address", "uint256"), ("uint256",), lambda who, token: [self._balance(who, token)]
            ),
            "balanceOfBatch": Function(("address[]", "uint256[]"), ("uint256[]",), self._balances),
            "isApprovedForAll": Function(
                ("address", "address"), ("bool",), lambda who, spender: [self._allowance(who, spender, 0) > 0]
            ),
            "payoutDenominator": Function(("bytes32",), ("uint256",), self._payout_denominator),
            "payoutNumerators": Function(("bytes32", "uint256"), ("uint256",), self._payout_numerator),
            "getOutcomeSlotCount": Function(
                ("bytes32",), ("uint256",), lambda condition: [2 if self._market(condition) else 0]
            ),
        }

    def _balance(self, who: str, token: int | None) -> int:
        """An address that nobody has used yet has the dollars it will be given."""
        address = _address(who)
        if not self._bank.knows(address):
            is_anybody = token is None and address not in CODE and int(address, 16) != 0
            return int(self._exchange.first_funds) if is_anybody else 0
        return max(0, self._bank.on_chain(address, None if token is None else TokenId(str(token))))

    def _balances(self, owners: Sequence[str], tokens: Sequence[int]) -> list[list[int]]:
        if len(owners) != len(tokens):
            raise RevertedError("execution reverted: ERC1155: owners and IDs must have same lengths")
        return [[self._balance(who, token) for who, token in zip(owners, tokens, strict=True)]]

    def _allowance(self, who: str, spender: str, token: int | None) -> int:
        asset = None if token is None else TokenId(str(token))
        return self._bank.allowance(_address(who), _address(spender), asset)

    def _payout_denominator(self, condition: bytes) -> list[int]:
        market = self._market(condition)
        return [MICRO if market is not None and market.resolved else 0]

    def _payout_numerator(self, condition: bytes, index: int) -> list[int]:
        market = self._market(condition)
        if market is None or not market.resolved or index > 1:
            return [0]
        return [int(market.payout(market.no if index else market.yes))]

    def _market(self, condition: bytes) -> Market | None:
        return self._exchange.market(MarketId("0x" + condition.hex()))


def selector(signature: str) -> bytes:
    """The first four bytes of a call."""
    return keccak(signature.encode())[:4]


def _table(functions: dict[str, Function]) -> dict[bytes, Function]:
    return {
        selector(f"{name}({','.join(function.arguments)})"): function for name, function in functions.items()
    }


def _address(text: str) -> str:
    return checksummed(address_bytes(text))
