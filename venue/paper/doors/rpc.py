"""A JSON-RPC node at /rpc: the protocol's envelope around what `node` answers."""

from __future__ import annotations

from typing import Any

import msgspec

from venue.paper.doors.mempool import Mempool
from venue.paper.doors.node import INVALID_PARAMS, Node, RpcError
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.engine.exchange import Exchange

PARSE_ERROR, INVALID_REQUEST, NO_METHOD = -32700, -32600, -32601
MAX_BATCH = 1_000


class RpcDoor:
    """Calls and batches of them. Errors have status 200, as nodes do it."""

    def __init__(self, exchange: Exchange, mempool: Mempool) -> None:
        self._methods = Node(exchange, mempool).methods()

    def routes(self) -> Routes:
        """What is served here."""
        return {("POST", "/rpc"): self.serve}

    def serve(self, request: Request) -> Answer:
        """POST /rpc."""
        try:
            told = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _json(_failed(None, PARSE_ERROR, "parse error"))
        if not isinstance(told, list):
            return _json(self._one(told))
        if not 0 < len(told) <= MAX_BATCH:
            return _json(_failed(None, INVALID_REQUEST, f"a batch has 1 to {MAX_BATCH} calls"))
        return _json([answer for answer in map(self._one, told) if answer is not None])

    def _one(self, told: Any) -> dict[str, Any] | None:
        """The answer to one call; None to one without an id, which wants none."""
        if not isinstance(told, dict) or not isinstance(told.get("method"), str):
            return _failed(None, INVALID_REQUEST, "invalid request")
        number = told.get("id")
        try:
            answer = {"jsonrpc": "2.0", "id": number, "result": self._result(told)}
        except RpcError as no:
            answer = _failed(number, no.code, str(no))
        return answer if "id" in told else None

    def _result(self, told: dict[str, Any]) -> object:
        """Raises RpcError."""
        name, params = told["method"], told.get("params") or []
        method = self._methods.get(name)
        if method is None:
            raise RpcError(NO_METHOD, f"the method {name[:80]} does not exist/is not available")
        if not isinstance(params, list):
            raise RpcError(INVALID_PARAMS, "params have to be a list")
        return method(params)


def _failed(number: object, code: int, text: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": text}}


def _json(value: object) -> Answer:
    return Answer(b"" if value is None or value == [] else msgspec.json.encode(value))
