"""What the venue's web site answers to programs: where they are (VENUE §8.4)."""

from __future__ import annotations

import msgspec

from venue.paper.doors.request import Answer, Request, Routes


class Geoblock(msgspec.Struct, kw_only=True):
    """Whether orders from here are refused."""

    blocked: bool
    ip: str
    country: str
    region: str


class SiteDoor:
    """The venue takes everybody to be in Dublin, or (`blocked`) in New York."""

    def __init__(self, blocked: bool = False) -> None:
        self._blocked = blocked

    def routes(self) -> Routes:
        """What is served here."""
        return {("GET", "/api/geoblock"): self.geoblock}

    def geoblock(self, request: Request) -> Answer:
        """GET /api/geoblock."""
        country, region = ("US", "NY") if self._blocked else ("IE", "L")
        said = Geoblock(blocked=self._blocked, ip=request.client, country=country, region=region)
        return Answer(msgspec.json.encode(said))
