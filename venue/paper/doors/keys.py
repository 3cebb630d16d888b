"""API keys: made from an address and a nonce, checked on every call that needs one (VENUE §2.1, §2.2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import Callable

from venue.paper.doors.request import Request
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused
from venue.paper.ledger.ledger import ApiKey
from venue.wire.accounts import ApiCreds
from venue.wire.eip712 import address_bytes, auth_digest, checksummed, hex_bytes, recover
from venue.wire.errors import INVALID_L1, KEY_EXISTS, NO_KEY, UNAUTHORIZED
from venue.wire.hmac import l2_matches
from venue.wire.numbers import WireError

MAX_CLOCK_SKEW_S = 300
"""How far a signed timestamp may be from real time; the venue's own window is not documented."""


class Keys:
    """Who may do what. An address that creates its first key is funded."""

    def __init__(self, exchange: Exchange, wall_s: Callable[[], float] = time.time) -> None:
        self._exchange = exchange
        self._ledger = exchange.ledger.identities
        self._wall_s = wall_s
        self._known: dict[str, ApiKey] = {}

    def create(self, request: Request) -> ApiCreds:
        """A new key for the address that signed. Raises Refused, also when it has one with this nonce."""
        address, nonce = self._signer(request)
        creds = _creds(address, nonce)
        if self._ledger.api_key_of(address, nonce) is not None:
            raise Refused(KEY_EXISTS)
        self._ledger.save_api_key(creds.apiKey, creds.secret, creds.passphrase, address, nonce)
        self._exchange.fund(address)
        return creds

    def derive(self, request: Request) -> ApiCreds:
        """The key that the address that signed has with this nonce. Raises Refused."""
        address, nonce = self._signer(request)
        key = self._ledger.api_key_of(address, nonce)
        if key is None:
            raise Refused(NO_KEY)
        return ApiCreds(apiKey=key.key, secret=key.secret, passphrase=key.passphrase)

    def check(self, request: Request) -> ApiKey:
        """The key a call is signed with. Raises Refused."""
        key = self.find(request.header(b"poly_api_key"))
        timestamp = request.header(b"poly_timestamp")
        if key is None or not self._is_fresh(timestamp):
            raise Refused(UNAUTHORIZED, 401)
        right = hmac.compare_digest(key.passphrase.encode(), request.headers.get(b"poly_passphrase", b""))
        right &= key.address.lower() == request.header(b"poly_address").lower()
        right &= l2_matches(
            request.header(b"poly_signature"),
            key.secret,
            timestamp,
            request.method,
            request.path,
            request.body,
        )
        if not right:
            raise Refused(UNAUTHORIZED, 401)
        return key

    def login(self, key: str, secret: str, passphrase: str) -> ApiKey | None:
        """The key with these credentials, as the user channel has them; None if they are wrong."""
        found = self.find(key)
        if found is None:
            return None
        right = hmac.compare_digest(found.secret.encode(), secret.encode())
        right &= hmac.compare_digest(found.passphrase.encode(), passphrase.encode())
        return found if right else None

    def find(self, key: str) -> ApiKey | None:
        """A key by its id."""
        found = self._known.get(key)
        if found is None:
            found = self._ledger.find_api_key(key) if key else None
            if found is not None:
                self._known[key] = found
        return found

    def of(self, address: str) -> list[str]:
        """All keys of an address, by nonce."""
        return self._ledger.api_keys_of(address)

    def delete(self, key: ApiKey) -> None:
        """Forget a key; whatever rests under it is taken back, since nobody could do that later."""
        self._exchange.cancel_all(key.key)
        self._ledger.delete_api_key(key.key)
        self._known.pop(key.key, None)

    def _signer(self, request: Request) -> tuple[str, int]:
        """Who signed the L1 headers, and the nonce. Raises Refused."""
        address, nonce = request.header(b"poly_address"), request.header(b"poly_nonce") or "0"
        timestamp = request.header(b"poly_timestamp")
        if not self._is_fresh(timestamp) or not nonce.isdecimal() or len(nonce) > 18:
            raise Refused(INVALID_L1, 401)
        try:
            signed = hex_bytes(request.header(b"poly_signature"), 65)
            signer = recover(auth_digest(address, timestamp, int(nonce)), signed)
            if signer != address_bytes(address):
                raise Refused(INVALID_L1, 401)
        except WireError as error:
            raise Refused(INVALID_L1, 401) from error
        return checksummed(signer), int(nonce)

    def _is_fresh(self, timestamp: str) -> bool:
        if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 12:
            return False
        return abs(int(timestamp) - self._wall_s()) <= MAX_CLOCK_SKEW_S


def _creds(address: str, nonce: int) -> ApiCreds:
    """A pure function of address and nonce, as at the venue; whoever knows both knows them: this is play money."""
    seed = f"{address}:{nonce}".encode()
    return ApiCreds(
        apiKey=str(uuid.UUID(bytes=hashlib.blake2b(seed, digest_size=16, person=b"api key").digest())),
        secret=base64.urlsafe_b64encode(
            hashlib.blake2b(seed, digest_size=32, person=b"secret").digest()
        ).decode(),
        passphrase=hashlib.blake2b(seed, digest_size=32, person=b"passphrase").hexdigest(),
    )
