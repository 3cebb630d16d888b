"""The venue's words for no, verbatim, and the envelope they come in (VENUE §3.7)."""

from __future__ import annotations

import msgspec

INVALID_ORDER_PAYLOAD = "Invalid order payload"
V1_ORDER = "invalid order version, please use the latest clob-client"
WRONG_OWNER = "the order owner has to be the owner of the API KEY"
WRONG_SIGNER = "the order signer address has to be the address of the API KEY"
INVALID_SIGNATURE = "invalid signature"
BANNED = "'{address}' address banned"
CLOSED_ONLY = "'{address}' address in closed only mode"
MAKER_NOT_ALLOWED = "maker address not allowed, please use the deposit wallet flow"
INVALID_EXPIRATION = "invalid expiration"
TOO_MANY_ORDERS = "Too many orders in payload: {count}, max allowed: {most}"
TOO_MANY_CANCELS = "Too many orders in payload, max allowed: {most}"
INVALID_ORDER_ID = "Invalid orderID"
TICK_RULE = "order {id} is invalid. Price ({price}) breaks minimum tick size rule: {tick}"
UNAUTHORIZED = "Unauthorized/Invalid api key"
INVALID_L1 = "Invalid L1 Request headers"
KEY_EXISTS = "Could not create api key"
NO_KEY = "Could not derive api key!"
NO_BOOK = "No orderbook exists for the requested token id"
NO_MARKET = "market not found"
NO_MARKETS = "markets not found"
NO_FEE_RATE = "fee rate not found for market"
INVALID_MARKETS = "Invalid markets"
INVALID_MARKET = "Invalid market"
INVALID_DATE = "Invalid date"
INVALID_REWARDS_DATE = "Invalid date (format: YYYY-MM-DD)"
INVALID_MAKER = "Invalid maker_address"
INVALID_ORDER_BY = "Invalid order_by"
INVALID_POSITION = "Invalid position"
INVALID_SCORED_ORDER = "Invalid order_id"
INVALID_NOTIFICATIONS = "Invalid ids"
FAVORITES = "favorite_markets query argument requires authentication"
INVALID_TOKEN = "Invalid token id"
INVALID_SIDE = "Invalid side"
INVALID_PAYLOAD = "Invalid payload"
TOO_LARGE = "Payload exceeds the limit"
INVALID_ASSET_TYPE = "Invalid asset type"
INVALID_SIGNATURE_TYPE = "Invalid signature_type"
INVALID_TRADE_PARAMS = "Invalid trade params payload"
INVALID_CURSOR = "Invalid next_cursor"
CURSOR_AT_END = "next item should be greater than or equal to 0"
INVALID_HEARTBEAT = "Invalid Heartbeat ID"
TOO_MANY_REQUESTS = "Too Many Requests"
INTERNAL = "Internal server error"
MARKET_AMOUNTS = (
    "invalid amounts, the {side} orders maker amount supports a max accuracy of {maker} decimals,"
    " taker amount a max of {taker} decimals"
)


class ErrorBody(msgspec.Struct, omit_defaults=True):
    """Every refusal with another status than 200; some say more than the text."""

    error: str = ""
    error_msg: str = ""
    """The heartbeat's spelling of it."""
    code: str = ""
    """`post_only_mode` while the venue is in it."""
    retry_after_seconds: int = 0

    @property
    def text(self) -> str:
        """The words, whichever key they came under."""
        return self.error or self.error_msg


def encode_error(text: str, code: str = "", retry_after_s: int | None = None) -> bytes:
    """The envelope around a text; with a code it also says the seconds to wait."""
    if not code:
        return msgspec.json.encode({"error": text})
    return msgspec.json.encode({"error": text, "code": code, "retry_after_seconds": retry_after_s})


def decode_error(body: bytes) -> ErrorBody:
    """What a body says; text that is no JSON (a proxy's HTML) comes back as it is, cut to 500 characters."""
    try:
        return msgspec.json.decode(body, type=ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorBody(error=body[:500].decode("utf-8", "replace"))
