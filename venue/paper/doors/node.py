"""What a node of the chain says to trading bots: balances, allowances, blocks, receipts of our own trades.

Blocks are made of market time. Whatever block a call names, the answer is as of now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from messages.values import SECOND, MarketNs
from venue.paper.doors.contract_calls import CODE, Contracts, RevertedError
from venue.paper.doors.mempool import Done, Mempool, SendError
from venue.paper.engine.allowances import exchange_of
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.settlement import digest
from venue.wire.contracts import CONDITIONAL_TOKENS
from venue.wire.eip712 import CHAIN_ID, address_bytes, checksummed, hex_bytes
from venue.wire.numbers import WireError

INVALID_PARAMS, SERVER_ERROR, REVERTED = -32602, -32000, 3
BLOCK_S = 2
FIRST_BLOCK, FIRST_BLOCK_S = 80_000_000, 1_780_000_000
"""Blocks are counted from there, one for every two seconds."""
NATIVE = 100 * 10**18
"""What every address has for gas."""
GAS, GAS_LIMIT, GAS_PRICE = 200_000, 30_000_000, 30 * 10**9
MAX_FEE_BLOCKS = 1_024
OPERATOR = "0x" + "0e" * 20
NO_BLOOM = "0x" + "00" * 256
NO_ADDRESS = "0x" + "00" * 20
CANNOT_SIGN = "unknown account: sign it yourself and send it with eth_sendRawTransaction"

Method = Callable[[list[Any]], object]


class RpcError(Exception):
    """The answer is no, with the protocol's code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Node:
    """Methods by name; each takes the list of its parameters and raises RpcError."""

    def __init__(self, exchange: Exchange, mempool: Mempool) -> None:
        self._exchange = exchange
        self._contracts = Contracts(exchange)
        self._mempool = mempool

    def methods(self) -> Mapping[str, Method]:
        """All there are."""
        fixed: dict[str, object] = {
            "web3_clientVersion": "evermaker/venue",
            "net_version": str(CHAIN_ID),
            "net_listening": True,
            "eth_chainId": hex(CHAIN_ID),
            "eth_syncing": False,
            "eth_accounts": [],
            "eth_gasPrice": hex(GAS_PRICE),
            "eth_maxPriorityFeePerGas": hex(GAS_PRICE),
            "eth_estimateGas": hex(GAS),
            "eth_getLogs": [],
        }
        answers: dict[str, Method] = {name: _always(said) for name, said in fixed.items()}
        return {
            **answers,
            "eth_blockNumber": lambda _: hex(self._now()),
            "eth_getBlockByNumber": self.block,
            "eth_getBalance": self.native,
            "eth_getTransactionCount": self.nonce,
            "eth_getCode": self.code,
            "eth_call": self.call,
            "eth_getTransactionReceipt": self.receipt,
            "eth_getTransactionByHash": self.transaction,
            "eth_feeHistory": self.fees,
            "eth_sendRawTransaction": self.send,
            "eth_sendTransaction": _refuse_to_sign,
        }

    def native(self, params: list[Any]) -> str:
        """eth_getBalance: enough for everybody."""
        _address(params)
        return hex(NATIVE)

    def nonce(self, params: list[Any]) -> str:
        """eth_getTransactionCount."""
        return hex(self._mempool.nonce_of(_address(params)))

    def code(self, params: list[Any]) -> str:
        """eth_getCode: some for the venue's contracts."""
        return "0x60806040" if _address(params) in CODE else "0x"

    def call(self, params: list[Any]) -> str:
        """eth_call."""
        told = params[0] if params and isinstance(params[0], dict) else {}
        data = told.get("data") or told.get("input") or "0x"
        try:
            to = checksummed(address_bytes(_text(told.get("to"))))
            payload = b"" if data == "0x" else hex_bytes(_text(data))
            return "0x" + self._contracts.call(to, payload).hex()
        except WireError as error:
            raise RpcError(INVALID_PARAMS, f"invalid argument 0: {error}") from error
        except RevertedError as error:
            raise RpcError(REVERTED, str(error)) from error

    def send(self, params: list[Any]) -> str:
        """eth_sendRawTransaction: approvals, splits, merges, redemptions and conversions, done at once."""
        try:
            return self._mempool.send(hex_bytes(_text(params[0] if params else None)))
        except WireError as error:
            raise RpcError(INVALID_PARAMS, f"invalid argument 0: {error}") from error
        except SendError as error:
            raise RpcError(SERVER_ERROR, str(error)) from error
        except RevertedError as error:
            raise RpcError(REVERTED, str(error)) from error

    def transaction(self, params: list[Any]) -> dict[str, Any] | None:
        """eth_getTransactionByHash: one that was sent here."""
        done = self._mempool.find(_text(params[0] if params else None).lower())
        return None if done is None else _transaction(done)

    def fees(self, params: list[Any]) -> dict[str, Any]:
        """eth_feeHistory: always the same."""
        try:
            count = max(1, min(int(str(params[0]), 0), MAX_FEE_BLOCKS))
        except (IndexError, ValueError) as error:
            raise RpcError(INVALID_PARAMS, "missing value for required argument 0") from error
        shares = params[2] if len(params) > 2 and isinstance(params[2], list) else []
        return {
            "oldestBlock": hex(self._now() - count + 1),
            "baseFeePerGas": [hex(GAS_PRICE)] * (count + 1),
            "gasUsedRatio": [0.5] * count,
            "reward": [[hex(GAS_PRICE)] * min(len(shares), MAX_FEE_BLOCKS)] * count,
        }

    def receipt(self, params: list[Any]) -> dict[str, Any] | None:
        """eth_getTransactionReceipt: of a trade that is mined, or of what a wallet did at the side door."""
        self._exchange.advance()
        hash_ = _text(params[0] if params else None).lower()
        trade = self._exchange.ledger.trade_by_hash(hash_)
        if trade is not None:
            market = self._exchange.market(trade.market)
            to = exchange_of(market is not None and market.neg_risk)
            return _receipt(hash_, block_of(trade.matched_at) + 1, to)
        done = self._mempool.find(hash_)
        if done is not None:
            return _receipt(hash_, block_of(done.at), done.to, done.sender)
        made = self._exchange.ledger.conversion_by_hash(hash_)
        return None if made is None else _receipt(hash_, block_of(made.at), CONDITIONAL_TOKENS)

    def block(self, params: list[Any]) -> dict[str, Any] | None:
        """eth_getBlockByNumber: an empty one; of the future there is none."""
        asked, now = _text(params[0] if params else None), self._now()
        if not asked.startswith("0x"):
            return _block(0 if asked == "earliest" else now)
        try:
            number = int(asked[:20], 16)
        except ValueError as error:
            raise RpcError(INVALID_PARAMS, "invalid argument 0: no block number") from error
        return _block(number) if number <= now else None

    def _now(self) -> int:
        self._exchange.advance()
        return block_of(self._exchange.now)


def _always(said: object) -> Method:
    return lambda _: said


def _refuse_to_sign(params: list[Any]) -> object:
    raise RpcError(SERVER_ERROR, CANNOT_SIGN)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise RpcError(INVALID_PARAMS, "missing value for required argument 0")
    return value


def _address(params: list[Any]) -> str:
    try:
        return checksummed(address_bytes(_text(params[0] if params else None)))
    except WireError as error:
        raise RpcError(INVALID_PARAMS, f"invalid argument 0: {error}") from error


def block_of(at: MarketNs) -> int:
    """The block of a market time."""
    return FIRST_BLOCK + (int(at) // SECOND - FIRST_BLOCK_S) // BLOCK_S


def _block(number: int) -> dict[str, Any]:
    seconds = max(0, FIRST_BLOCK_S + (number - FIRST_BLOCK) * BLOCK_S)
    hashes = ("sha3Uncles", "stateRoot", "receiptsRoot", "transactionsRoot", "mixHash")
    return {
        "number": hex(number),
        "hash": digest("block", number),
        "parentHash": digest("block", number - 1),
        **{name: digest(name, number) for name in hashes},
        "timestamp": hex(seconds),
        "miner": NO_ADDRESS,
        "gasLimit": hex(GAS_LIMIT),
        "gasUsed": "0x0",
        "baseFeePerGas": hex(GAS_PRICE),
        "difficulty": "0x1",
        "totalDifficulty": "0x1",
        "nonce": "0x0000000000000000",
        "size": "0x200",
        "extraData": "0x",
        "logsBloom": NO_BLOOM,
        "transactions": [],
        "uncles": [],
    }


def _transaction(done: Done) -> dict[str, Any]:
    block = block_of(done.at)
    return {
        "hash": done.hash,
        "blockNumber": hex(block),
        "blockHash": digest("block", block),
        "transactionIndex": "0x0",
        "from": done.sender,
        "to": done.to,
        "nonce": hex(done.nonce),
        "input": "0x" + done.data.hex(),
        "value": "0x0",
        "gas": hex(GAS),
        "gasPrice": hex(GAS_PRICE),
        "chainId": hex(CHAIN_ID),
        "type": "0x0",
    }


def _receipt(hash_: str, block: int, to: str, sender: str = OPERATOR) -> dict[str, Any]:
    return {
        "transactionHash": hash_,
        "transactionIndex": "0x0",
        "blockNumber": hex(block),
        "blockHash": digest("block", block),
        "from": sender,
        "to": to,
        "contractAddress": None,
        "status": "0x1",
        "type": "0x2",
        "gasUsed": hex(GAS),
        "cumulativeGasUsed": hex(GAS),
        "effectiveGasPrice": hex(GAS_PRICE),
        "logs": [],
        "logsBloom": NO_BLOOM,
    }
