"""Gamma and the Data API on ports of their own, at the root, for clients that drop the path of a base URL."""

from __future__ import annotations

from collections.abc import Mapping

from venue.paper.doors.app import App
from venue.paper.doors.asgi import Event, Receive, Send

GAMMA, DATA = "/gamma", "/data-api"


class Roots:
    """The application, as it is reached by any of its ports."""

    def __init__(self, app: App, prefixes: Mapping[int, str]) -> None:
        """`prefixes` says under which path the whole of a port is served; other ports serve everything."""
        self._app = app
        self._prefixes = prefixes

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """One request or one websocket."""
        server = scope.get("server")
        prefix = self._prefixes.get(server[1], "") if server else ""
        if prefix:
            scope = {**scope, "path": prefix + scope["path"]}
        await self._app(scope, receive, send)
