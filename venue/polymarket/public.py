"""What may be read without a key: bounded answers, and reasons in plain words where there is none."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

MAX_BODY = 16 << 20
"""Bytes; a longer answer is not read to its end."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
Params = dict[str, str | int]
Answer = TypeVar("Answer")


class PublicError(Exception):
    """It could not be read; the text says why, for people."""


class NotFound(PublicError):
    """404: there is no such thing."""


class PublicReader:
    """One host's public answers over connections that are kept."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """`url` without a trailing path; `timeout_s` real seconds for each step of one request.

        A proxy of the environment is never asked for this host's own addresses.
        """
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self.host = urlsplit(url).netloc
        self._http = httpx.AsyncClient(
            timeout=timeout_s,
            trust_env=urlsplit(url).hostname not in LOOPBACK,
            headers={"accept": "application/json"},
        )

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def get(self, path: str, params: Params) -> bytes:
        """The body of a 200. Raises PublicError."""
        return await self._read("GET", path, params=params)

    async def post(self, path: str, body: bytes) -> bytes:
        """The body of a 200 to this JSON. Raises PublicError."""
        return await self._read("POST", path, body=body)

    async def _read(
        self, method: str, path: str, params: Params | None = None, body: bytes | None = None
    ) -> bytes:
        kind = {} if body is None else {"content-type": "application/json"}
        found = bytearray()
        try:
            async with self._http.stream(
                method, self._url + path, params=params, content=body, headers=kind
            ) as answer:
                if answer.status_code != 200:
                    raise _refusal(self.host, answer)
                async for chunk in answer.aiter_bytes():
                    found += chunk
                    if len(found) > MAX_BODY:
                        raise PublicError(f"{self.host} sent more than {MAX_BODY >> 20} MiB")
        except httpx.TimeoutException as error:
            raise PublicError(f"{self.host} did not answer in {self._timeout_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PublicError(f"cannot reach {self.host}: {str(error) or type(error).__name__}") from error
        return bytes(found)

    def decode(self, body: bytes, kind: type[Answer], what: str) -> Answer:
        """What was sent, as this kind; `what` it should have been, for people. Raises PublicError."""
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            instead = "a web page" if body.lstrip()[:1] == b"<" else "something else"
            raise PublicError(f"{self.host} sent {instead} instead of {what}: {error}") from error


def _refusal(host: str, answer: httpx.Response) -> PublicError:
    code = answer.status_code
    if code == 404:
        return NotFound(f"{host} knows no {answer.url.path}")
    is_page = "html" in answer.headers.get("content-type", "")
    if code in (401, 403):
        return PublicError(
            f"{host} denies access ({code}{', a web page instead of data' if is_page else ''})"
        )
    if code == 429:
        return PublicError(f"{host} says we ask too often (429)")
    if code >= 500:
        return PublicError(f"{host} is in trouble ({code})")
    return PublicError(f"{host} answered {code}")
