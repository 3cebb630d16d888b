from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Price, Side, Size
from venue.paper.programs.scoring import C, Offer, Rules, adjusted_mid, order_score, quote_score, scores

CENT = 10_000
RULES = Rules(min_size=50 * MICRO, max_spread=3 * CENT)
HALF = Price(50 * CENT)

sizes = st.integers(50, 5_000).map(lambda shares: shares * MICRO)
prices = st.integers(1, 999).map(lambda tenths: Price(tenths * 1_000))
mids = st.integers(2, 1_998).map(lambda ticks: Price(ticks * 500))
offers = st.builds(Offer, st.sampled_from(["a", "b", "c"]), st.sampled_from(Side), prices, sizes)


def bid(cents: float, shares: int, maker: str = "us") -> Offer:
    return Offer(maker, Side.BID, Price(round(cents * CENT)), shares * MICRO)


def ask(cents: float, shares: int, maker: str = "us") -> Offer:
    return Offer(maker, Side.ASK, Price(round(cents * CENT)), shares * MICRO)


def in_shares(score: int) -> Fraction:
    """A score as the formula has it, in shares."""
    return Fraction(score, RULES.max_spread**2 * MICRO)


def test_the_worked_example_of_the_venues_documents() -> None:
    # Three bids on YES, one of them an ask on NO; two asks on YES that are bids on NO, and one that is its own.
    quoted = [bid(49, 100), bid(48, 200), bid(100 - 51, 100)]
    quoted += [ask(100 - 48.5, 100), ask(100 - 48, 100), ask(50.5, 200)]
    one = [in_shares(order_score(offer, HALF, RULES)) for offer in quoted if offer.side is Side.BID]
    two = [in_shares(order_score(offer, HALF, RULES)) for offer in quoted if offer.side is Side.ASK]

    assert one == [Fraction(4, 9) * 100, Fraction(1, 9) * 200, Fraction(4, 9) * 100]
    assert two == [Fraction(1, 4) * 100, Fraction(1, 9) * 100, Fraction(25, 36) * 200]
    assert scores(quoted, HALF, RULES) == {
        "us": C * min(sum(one), sum(two)) * RULES.max_spread**2 * MICRO,
    }


def test_one_side_alone_counts_a_third_in_the_band_and_nothing_outside() -> None:
    for mid, both in ((HALF, 3), (Price(10 * CENT), 3), (Price(90 * CENT), 3)):
        assert quote_score(600, 600, mid) == 600 * both
        assert quote_score(600, 0, mid) == 600
        assert quote_score(0, 600, mid) == 600
    for mid in (Price(10 * CENT - 1), Price(90 * CENT + 1)):
        assert quote_score(600, 600, mid) == 1_800
        assert quote_score(600, 0, mid) == quote_score(0, 600, mid) == 0
        assert quote_score(600, 1, mid) == 3


def test_the_middle_leaves_out_what_is_smaller_than_the_cutoff() -> None:
    bids = [(Price(44 * CENT), Size(500 * MICRO)), (Price(48 * CENT), Size(49 * MICRO))]
    asks = [(Price(60 * CENT), Size(900 * MICRO)), (Price(52 * CENT), Size(50 * MICRO))]

    assert adjusted_mid(bids, asks, RULES.min_size) == 48 * CENT
    assert adjusted_mid(bids, [], RULES.min_size) is None
    assert adjusted_mid(bids, asks, 10_000 * MICRO) is None


@given(offers, mids)
def test_from_the_maximal_spread_on_nothing_scores(offer: Offer, mid: Price) -> None:
    within = abs(offer.price - mid) < RULES.max_spread

    assert (order_score(offer, mid, RULES) > 0) is within


@given(offers, mids)
def test_below_the_minimal_size_nothing_scores(offer: Offer, mid: Price) -> None:
    assert order_score(offer._replace(size=RULES.min_size - 1), mid, RULES) == 0


@given(offers, mids, st.integers(1, 30))
def test_nearer_to_the_middle_is_never_worse(offer: Offer, mid: Price, step: int) -> None:
    towards = 1 if offer.price < mid else -1
    nearer = Price(offer.price + towards * min(step * 1_000, abs(offer.price - mid)))

    assert order_score(offer._replace(price=nearer), mid, RULES) >= order_score(offer, mid, RULES)


@given(st.lists(offers, max_size=12), mids, st.integers(2, 50))
def test_shares_do_not_change_when_everybody_rests_as_many_times_as_much(
    resting: list[Offer], mid: Price, times: int
) -> None:
    before = scores(resting, mid, RULES)
    after = scores([offer._replace(size=offer.size * times) for offer in resting], mid, RULES)

    assert after == {maker: score * times for maker, score in before.items()}


@given(st.lists(offers, max_size=12), mids)
def test_a_maker_scores_the_same_whoever_else_rests(resting: list[Offer], mid: Price) -> None:
    alone = scores([offer for offer in resting if offer.maker == "a"], mid, RULES)

    assert scores(resting, mid, RULES).get("a", 0) == alone.get("a", 0)


@given(st.lists(offers, max_size=12), mids)
def test_no_and_yes_are_the_same_market(resting: list[Offer], mid: Price) -> None:
    mirrored = [offer._replace(side=offer.side.other, price=Price(MICRO - offer.price)) for offer in resting]

    assert scores(mirrored, Price(MICRO - mid), RULES) == scores(resting, mid, RULES)


@given(st.lists(offers, min_size=1, max_size=12), mids)
def test_one_side_never_earns_more_than_a_third_of_what_it_would_with_its_mirror_image(
    resting: list[Offer], mid: Price
) -> None:
    bids = [offer._replace(maker="a", side=Side.BID) for offer in resting]
    image = [offer._replace(side=Side.ASK, price=Price(2 * mid - offer.price)) for offer in bids]

    both = scores(bids + image, mid, RULES).get("a", 0)
    assert scores(bids, mid, RULES).get("a", 0) * C <= both


def test_a_maker_of_bids_and_one_of_asks_share_with_one_of_both_as_1_1_3() -> None:
    resting = [bid(49, 100, "bids"), ask(51, 100, "asks"), bid(49, 100, "both"), ask(51, 100, "both")]
    found = scores(resting, HALF, RULES)

    assert found["both"] == 3 * found["bids"] == 3 * found["asks"]
