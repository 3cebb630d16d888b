"""The L2 signature: HMAC-SHA256 over timestamp, method, path without query, and body (VENUE §2.2)."""

from __future__ import annotations

import base64
import binascii
import hmac

from venue.wire.numbers import WireError


def l2_signature(secret: str, timestamp: str, method: str, path: str, body: bytes = b"") -> str:
    """What goes into POLY_SIGNATURE, urlsafe base64 with its padding. Raises WireError for a secret that is none."""
    try:
        key = base64.urlsafe_b64decode(secret)
    except (binascii.Error, ValueError) as error:
        raise WireError("the API secret is not urlsafe base64") from error
    message = f"{timestamp}{method}{path}".encode() + body.replace(b"'", b'"')
    return base64.urlsafe_b64encode(hmac.digest(key, message, "sha256")).decode()


def l2_matches(
    signature: str, secret: str, timestamp: str, method: str, path: str, body: bytes = b""
) -> bool:
    """Whether a signature is the one; takes the same time either way."""
    wanted = l2_signature(secret, timestamp, method, path, body)
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))
