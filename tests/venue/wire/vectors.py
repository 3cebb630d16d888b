"""Facts about the wire that were seen on it (VENUE §10.5): key 0x11…11 on chain 137."""

from venue.wire.eip712 import OrderFields, address_bytes

KEY = bytes.fromhex("11" * 32)
ADDRESS = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
WALLET = "0x" + "22" * 20
TOKEN = 71321045679252212594626385532706912750332728571942532289631379312455583992563
SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
AT = "1700000000"


def an_order(maker: str = ADDRESS, signer: str = ADDRESS, signature_type: int = 0) -> OrderFields:
    """Buy 10 at 0.41."""
    return OrderFields(
        salt=123456789,
        maker=address_bytes(maker),
        signer=address_bytes(signer),
        token=TOKEN,
        maker_amount=4_100_000,
        taker_amount=10_000_000,
        side=0,
        signature_type=signature_type,
        timestamp=1_700_000_000_000,
        metadata=bytes(32),
        builder=bytes(32),
    )
