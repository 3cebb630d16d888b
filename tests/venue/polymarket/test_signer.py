from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Action, CommandId, Price, Size, TokenId
from tests.venue.polymarket.world import KEY, an_order
from venue.polymarket.keys import KeyFailed, PrivateKey, Wallet
from venue.polymarket.signer import LOT, SALT_BITS, OrderSigner, Unsignable, amounts, salt_of

FUNDER = "0x" + "22" * 20
TICKS = (100_000, 10_000, 5_000, 2_500, 1_000, 100)
GOLDEN = {
    "standard": (
        {"neg_risk": False},
        0,
        "0x41bb012b54c5667642208b1f2c0fa6304b1e61d599808be54b5a38cb6f6bc380",
        (
            "0xd2516e817daa518cf0890d925fa506bb1e55e79d7827b6c508790a27277f8d82"
            "70d081cf46399f5016c7b6edd6f699d820f4b2a895ca1b758417a6c84b207c711b"
        ),
    ),
    "negative risk": (
        {"neg_risk": True},
        0,
        "0xf5cd663c35b1732e74a6d199150394e33e95c2b731c35be79dea8d80a9d3fd0d",
        (
            "0x742e956e798b5ba5dd5213d0761b015690cdda935a51e9b44ef467ce383f2f02"
            "76cf68e3f989bccb2669e9ba06a06ad5229d6e9e2626732b0cdaef1bb6f92afa1b"
        ),
    ),
    "proxy": (
        {"neg_risk": False},
        1,
        "0x74b2ba602fc642b175a3cf12db38d300cda3e7abe66e8e5296d1aefc054610f6",
        (
            "0x5f4d77fb91bf4d08b6ea372e05794f523ea27ad4bae11344c8c90ade345005da"
            "569b9891515effb8767a5effe2901326fe6b7fea0c11c16f7bb9c109555ecbfd1b"
        ),
    ),
    "deposit wallet": (
        {"neg_risk": False},
        3,
        "0x4566ff016c68481e19636cf1be46e2cc849442066ba61058c694e1d2974ea6ec",
        (
            "0x3153777473f1c5a023c53325f14f4f5f16b3fa6a77dfd7c8f5821d2016db3b0b"
            "3c628d86bc39057c5b77b08b66310d4b6a96f4bb544ffc89c3f2c91c3db5d0501b"
        ),
    ),
}


def a_signer(signature_type=0, **options):
    funder = FUNDER if signature_type else ""
    return OrderSigner(Wallet(PrivateKey(KEY), signature_type, funder), 137, **options)


@pytest.mark.parametrize("name", GOLDEN)
def test_hash_and_signature_are_those_of_the_golden_vectors(name):
    fields, signature_type, order, signature = GOLDEN[name]
    signer = a_signer(signature_type, salt=lambda _: 123_456_789, wall_ms=lambda: 1_700_000_000_000)

    signed = signer.sign(an_order(**fields))

    assert signed.order == order
    assert signed.body.signature.startswith(signature)
    assert len(signed.body.signature) == (636 if signature_type == 3 else 132)


def test_a_deposit_wallet_is_maker_and_signer_and_a_proxy_only_maker():
    proxy, deposit = a_signer(1), a_signer(3)

    assert (proxy.sign(an_order()).body.maker, proxy.sign(an_order()).body.signer) == (FUNDER, proxy.address)
    assert (deposit.sign(an_order()).body.maker, deposit.sign(an_order()).body.signer) == (FUNDER, FUNDER)


@pytest.mark.parametrize(
    ("action", "price", "size", "maker", "taker"),
    [
        (Action.BUY, 410_000, 10_000_000, 4_100_000, 10_000_000),
        (Action.SELL, 570_000, 12_340_000, 12_340_000, 7_033_800),
        (Action.BUY, 123_000, 33_330_000, 4_099_590, 33_330_000),
        (Action.BUY, 700, 1_000_010_000, 700_007, 1_000_010_000),
        (Action.SELL, 497_500, 20_000_000, 20_000_000, 9_950_000),
    ],
)
def test_amounts_are_the_golden_ones(action, price, size, maker, taker):
    assert amounts(action, Price(price), Size(size)) == (maker, taker)


@pytest.mark.parametrize(
    ("price", "size"), [(290_000, 8_200_000), (500_000, 5_100_000), (500_000, 10_200_000)]
)
def test_trap_t3_no_hundredth_of_a_share_is_lost_to_a_float(price, size):
    assert amounts(Action.BUY, Price(price), Size(size)) == (price * size // MICRO, size)


@pytest.mark.parametrize("price", [290_000, 570_000, 580_000])
def test_trap_t4_a_price_that_a_float_would_floor_keeps_its_level(price):
    given_, got = amounts(Action.BUY, Price(price), Size(10_000_000))

    assert given_ * MICRO == price * got


def test_trap_t5_the_tick_is_the_one_of_the_command_and_no_older_one():
    signer = a_signer()
    signer.sign(an_order(price=Price(410_000), tick=Price(10_000)))

    finer = signer.sign(an_order(price=Price(411_000), tick=Price(1_000)))

    assert (finer.body.makerAmount, finer.body.takerAmount) == ("4110000", "10000000")


@pytest.mark.parametrize(
    ("price", "tick"),
    [(455_000, 10_000), (445_000, 10_000), (453_000, 5_000), (0, 10_000), (1_000_000, 10_000)],
)
def test_trap_t6_a_price_off_the_grid_is_refused_and_not_rounded(price, tick):
    with pytest.raises(Unsignable, match="grid"):
        a_signer().sign(an_order(price=Price(price), tick=Price(tick)))


@pytest.mark.parametrize("token", ["", "0xabc", "1e5", str(1 << 256)])
def test_a_token_that_is_no_number_of_256_bits_is_refused(token):
    with pytest.raises(Unsignable, match="token"):
        a_signer().sign(an_order(token=TokenId(token)))


@pytest.mark.parametrize("size", [0, 1, 9_999, 10_005_000 + 1, -10_000])
def test_a_size_that_is_not_in_hundredths_is_our_own_mistake(size):
    with pytest.raises(AssertionError, match="size"):
        a_signer().sign(an_order(size=Size(size)))


def test_a_chain_without_an_exchange_is_refused():
    with pytest.raises(KeyFailed, match="chain 1 "):
        OrderSigner(Wallet(PrivateKey(KEY)), 1)


def test_equal_orders_of_two_commands_have_different_names():
    signer = a_signer()

    assert len({signer.sign(an_order(number)).order for number in range(20)}) == 20


def test_one_command_at_one_moment_is_one_order_however_often_it_is_signed():
    signer = a_signer(wall_ms=lambda: 1_700_000_000_000)

    assert signer.sign(an_order()) == signer.sign(an_order())


@given(st.text(max_size=60))
def test_a_salt_survives_a_double(command):
    salt = salt_of(CommandId(command))

    assert int(float(salt)) == salt < 1 << SALT_BITS


def test_the_salt_is_that_of_the_command():
    command = CommandId("maker@3.18f0.7")

    assert a_signer().sign(an_order(command=command)).body.salt == salt_of(command)
    assert salt_of(command) != salt_of(CommandId("maker@3.18f0.8"))


def test_a_signer_shows_no_secret():
    assert KEY[2:] not in repr(a_signer())


def test_ten_thousand_amounts_give_back_price_and_size_exactly():
    random = Random(7)
    for _ in range(10_000):
        tick = random.choice(TICKS)
        price = Price(tick * random.randrange(1, MICRO // tick))
        size = Size(LOT * random.randrange(500, 100_000_000))
        holds_exactly(price, size)


@given(st.sampled_from(TICKS), st.data())
def test_price_and_size_can_be_read_back_from_the_amounts(tick, data):
    price = Price(tick * data.draw(st.integers(1, MICRO // tick - 1)))
    holds_exactly(price, Size(LOT * data.draw(st.integers(1, 10**11))))


def holds_exactly(price, size):
    dollars, shares = amounts(Action.BUY, price, size)
    assert (dollars * MICRO // shares, dollars * MICRO % shares, shares) == (price, 0, size)
    assert amounts(Action.SELL, price, size) == (shares, dollars)
