"""The relayer, under /relayer: what deposit wallets do on the chain, signed by their owners (type 3; VENUE §9).

Any relayer key will do. A wallet is its owner's with its first batch, as it is with its first order. The calls of a
batch are done one after the other; the first that fails ends it (assumed; on the chain none would count).
"""

from __future__ import annotations

from typing import Any

import msgspec

from venue.paper.doors.contract_calls import RevertedError
from venue.paper.doors.mempool import Mempool
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.doors.wall import Wall
from venue.paper.doors.wallets import DEPOSIT, Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.settlement import digest
from venue.paper.engine.terms import Refused
from venue.wire.eip712 import address_bytes, checksummed, hex_bytes
from venue.wire.numbers import WireError
from venue.wire.relayer import Batch, Submit, batch_signer, calls_of

MAX_KEPT = 10_000
RELAY = "0x" + "0e" * 20
"""Who pays for the gas."""
CONFIRMED, FAILED = "STATE_CONFIRMED", "STATE_FAILED"
CREATE = "WALLET-CREATE"
_submit = msgspec.json.Decoder(Submit)


class Relayed(msgspec.Struct, kw_only=True):
    """What became of a batch."""

    transaction_id: str
    transaction_hash: str
    state: str
    error_msg: str = ""
    type: str
    owner: str
    nonce: str


class RelayerDoor:
    """Everything is mined at once."""

    def __init__(self, exchange: Exchange, mempool: Mempool, wallets: Wallets, wall: Wall) -> None:
        self._exchange = exchange
        self._actions = mempool.actions
        self._wallets = wallets
        self._wall = wall
        self._nonces: dict[str, int] = {}
        self._done: dict[str, Relayed] = {}
        self._count = 0

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/relayer/deployed"): self.deployed,
            ("GET", "/relayer/nonce"): self.nonce,
            ("GET", "/relayer/v1/account/transactions/params"): self.nonce,
            ("GET", "/relayer/relay-payload"): self.nonce,
            ("GET", "/relayer/v1/account/transactions/*"): self.transaction,
            ("POST", "/relayer/submit"): self.submit,
        }

    def deployed(self, request: Request) -> Answer:
        """GET /deployed: whether a wallet has ever been used here."""
        return _json({"deployed": self._exchange.bank.knows(_asked_address(request))})

    def nonce(self, request: Request) -> Answer:
        """GET /nonce, /relay-payload and /v1/account/transactions/params: an owner's next one."""
        owner = _asked_address(request)
        return _json({"address": RELAY, "nonce": str(self._nonces.get(owner, 0))})

    def transaction(self, request: Request) -> Answer:
        """GET /v1/account/transactions/{id}."""
        found = self._done.get(request.tail)
        if found is None:
            raise Refused("transaction not found", 404)
        return _json(found)

    def submit(self, request: Request) -> Answer:
        """POST /submit: a deposit wallet's batch, or its making."""
        try:
            told = _submit.decode(request.body)
            owner = checksummed(address_bytes(told.owner))
            if told.type == CREATE:
                return _started(self._keep(told, owner, CONFIRMED, ""))
            if told.type != "WALLET" or told.deposit is None:
                raise Refused(f"type {told.type[:20]} is not relayed here: only WALLET and {CREATE} are")
            batch = calls_of(told.deposit, told.nonce)
            signer = checksummed(batch_signer(batch, hex_bytes(told.signature)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, WireError) as error:
            raise Refused(f"invalid request: {error}") from error
        self._check(batch, owner, signer)
        wallet = checksummed(batch.wallet)
        self._wallets.bind(wallet, DEPOSIT, owner)
        self._nonces[owner] = batch.nonce + 1
        return _started(self._done_with(told, owner, wallet, batch))

    def _check(self, batch: Batch, owner: str, signer: str) -> None:
        """Raises Refused."""
        expected = self._nonces.get(owner, 0)
        if signer != owner:
            raise Refused("invalid signature")
        if batch.nonce != expected:
            raise Refused(f"batch nonce {batch.nonce} does not match on-chain nonce {expected}")
        if batch.deadline < self._wall.now_s():
            raise Refused("deadline has passed")

    def _done_with(self, told: Submit, owner: str, wallet: str, batch: Batch) -> Relayed:
        hash_ = digest("relayed", owner, batch.nonce)
        try:
            for call in batch.calls:
                self._actions.do(wallet, checksummed(call.target), call.data, hash_)
        except RevertedError as error:
            return self._keep(told, owner, FAILED, str(error), hash_)
        return self._keep(told, owner, CONFIRMED, "", hash_)

    def _keep(self, told: Submit, owner: str, state: str, words: str, hash_: str = "") -> Relayed:
        self._count += 1
        name = digest("relay", self._count, owner)
        id_ = f"{name[2:10]}-{name[10:14]}-{name[14:18]}-{name[18:22]}-{name[22:34]}"
        if len(self._done) >= MAX_KEPT:
            del self._done[next(iter(self._done))]
        kept = self._done[id_] = Relayed(
            transaction_id=id_,
            transaction_hash=hash_ or name,
            state=state,
            error_msg=words,
            type=told.type,
            owner=owner,
            nonce=told.nonce,
        )
        return kept


def _started(kept: Relayed) -> Answer:
    return _json(
        {"transactionID": kept.transaction_id, "transactionHash": kept.transaction_hash, "state": "STATE_NEW"}
    )


def _asked_address(request: Request) -> str:
    try:
        return checksummed(address_bytes(request.query().get("address", "")))
    except WireError as error:
        raise Refused("invalid address") from error


def _json(value: Any) -> Answer:
    return Answer(msgspec.json.encode(value))
