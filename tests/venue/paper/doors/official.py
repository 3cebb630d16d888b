"""The official client, unmodified, in front of doors in this process; only its socket is cut short."""

from __future__ import annotations

import httpx
from py_clob_client_v2 import ApiCreds, ClobClient

from tests.venue.paper.door_bench import ask
from venue.paper.doors.app import App

KEY = "0x" + "11" * 32


class InProcess(httpx.BaseTransport):
    """Requests go to the doors without a socket."""

    def __init__(self, app: App) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        said = ask(
            self._app, request.method, request.url.raw_path.decode(), request.read(), dict(request.headers)
        )
        return httpx.Response(said.status, json=said.json)


def logged_in() -> ClobClient:
    """A client with its API key; its module's HTTP client leads to some doors already."""
    client = ClobClient("http://venue", 137, key=KEY)
    creds: ApiCreds = client.create_or_derive_api_key()
    client.set_api_creds(creds)
    return client
