"""How much a signer may send: tiers, buckets, costs, headers, and what becomes of too much (VENUE §8.2)."""

import pytest

from messages.values import MICRO, SECOND, Money
from tests.venue.paper.door_bench import Said, Wallet, ask, ask_whole
from tests.venue.paper.engine_bench import Bench
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.paper.doors.dialect import Dialect
from venue.paper.doors.limits import LimitMode
from venue.paper.doors.tiers import TIERS, tier_at

REFUSED = Said(429, {"error": "Too Many Requests"})
LEFT, RESET, TIER, WARNING = (
    f"poly-ratelimit-{name}" for name in ("remaining", "reset", "tier", "warning")
)  # fmt: skip


class Door:
    """An app whose real time is turned by hand, and a wallet at it."""

    def __init__(self, mode: LimitMode = LimitMode.ENFORCE) -> None:
        self.bench = Bench(ask_level(0, 45, 1_000_000))
        self.app = App(self.bench.exchange, Dialect(limits=mode))
        self.alice = Wallet(self.app).log_in()

    def wait(self, seconds: float) -> None:
        self.bench.real += round(seconds * SECOND)

    def headers(self, method: str, path: str, body: object = b"") -> dict[str, str]:
        return ask_whole(self.app, method, path, body, self.alice.signed(method, path, body)).headers


@pytest.fixture
def door() -> Door:
    """Limits are enforced."""
    return Door()


def test_a_standard_signer_places_sixty_orders_at_once_and_forty_a_second(door: Door) -> None:
    alice = door.alice
    assert [alice.place().status for _ in range(60)] == [200] * 60
    assert alice.place() == REFUSED

    door.wait(1)
    assert [alice.place().status for _ in range(41)] == [200] * 40 + [429]


def test_a_batch_costs_its_orders_and_passes_whole_or_not_at_all(door: Door) -> None:
    alice = door.alice
    legs = [alice.order("BUY", 1, 5) for _ in range(15)]
    assert [alice.call("POST", "/orders", legs).status for _ in range(4)] == [200] * 4
    before = len(alice.resting())
    door.wait(14 / 40)

    assert alice.call("POST", "/orders", [alice.order("BUY", 1, 5) for _ in range(15)]) == REFUSED
    assert len(alice.resting()) == before
    assert alice.call("POST", "/orders", [alice.order("BUY", 1, 5) for _ in range(14)]).status == 200


def test_orders_and_cancels_have_buckets_of_their_own(door: Door) -> None:
    for _ in range(61):
        last = door.alice.place()
    assert last == REFUSED

    assert door.alice.call("DELETE", "/order", {"orderID": "0x" + "0" * 64}).status == 200


def test_a_cancel_costs_a_token_for_each_id_even_for_unknown_and_repeated_ones(door: Door) -> None:
    headers = door.headers("DELETE", "/orders", ["0x" + "0" * 64] * 100)

    assert headers[LEFT] == "20"


def test_a_cancel_of_all_costs_one_more_than_there_are_orders(door: Door) -> None:
    for _ in range(3):
        door.alice.place()

    assert door.headers("DELETE", "/cancel-market-orders", {"asset_id": "nobodys"})[LEFT] == "119"
    assert door.headers("DELETE", "/cancel-all")[LEFT] == "115"


def test_a_cancel_bucket_may_owe_but_nothing_passes_while_it_does(door: Door) -> None:
    ids = ["0x" + "0" * 64] * 100
    assert door.headers("DELETE", "/orders", ids)[LEFT] == "20"
    assert door.headers("DELETE", "/orders", ids)[LEFT] == "-80"
    assert door.alice.call("DELETE", "/orders", ids[:1]) == REFUSED

    door.wait(1)
    assert door.alice.call("DELETE", "/orders", ids[:1]) == REFUSED
    door.wait(0.1)
    assert door.alice.call("DELETE", "/orders", ids[:1]).status == 200


def test_a_cost_above_the_burst_never_passes(door: Door) -> None:
    ids = ["0x" + "0" * 64] * 121
    for _ in range(3):
        assert door.alice.call("DELETE", "/orders", ids) == REFUSED
        door.wait(60)


def test_what_is_refused_costs_nothing_and_says_when_to_come_back(door: Door) -> None:
    ids = ["0x" + "0" * 64] * 120
    door.alice.call("DELETE", "/orders", ids)
    said = door.headers("DELETE", "/orders", ids)

    assert (said["retry-after"], said[LEFT]) == ("2", "0")
    assert int(said[RESET]) - int(door.app.wall.now_s()) in (1, 2)
    door.wait(1.5)
    assert door.alice.call("DELETE", "/orders", ids).status == 200


def test_answers_to_orders_say_what_is_left_refused_or_not(door: Door) -> None:
    accepted = door.headers("POST", "/order", door.alice.order())
    refused = door.headers("POST", "/order", door.alice.order("BUY", 40, 1))

    assert (accepted[LEFT], accepted[TIER]) == ("59", "standard")
    assert refused[LEFT] == "58"
    assert int(accepted[RESET]) == int(door.app.wall.now_s())
    assert WARNING not in accepted
    assert LEFT not in door.headers("GET", "/data/orders")


def test_in_warning_mode_too_much_passes_with_a_warning() -> None:
    door = Door(LimitMode.WARN)
    said = [door.headers("POST", "/order", door.alice.order("BUY", 1, 5)) for _ in range(61)]

    assert [headers.get(WARNING) for headers in said] == [None] * 60 + ["true"]
    assert len(door.alice.resting()) == 61


def test_without_limits_nothing_is_counted() -> None:
    door = Door(LimitMode.OFF)

    assert LEFT not in door.headers("POST", "/order", door.alice.order())
    assert {door.alice.place("BUY", 1, 5).status for _ in range(70)} == {200}


def test_signers_do_not_share_buckets(door: Door) -> None:
    bob = Wallet(door.app, 2).log_in()
    for _ in range(61):
        door.alice.place()

    assert door.alice.place() == REFUSED
    assert bob.place().status == 200


@pytest.mark.parametrize(
    ("dollars", "name"),
    [(0, "standard"), (29_999, "standard"), (30_000, "copper"), (499_999, "silver"), (10_000_000, "elite")],
)
def test_a_tier_begins_at_its_volume(dollars: int, name: str) -> None:
    assert tier_at(Money(dollars * MICRO)).name == name


def test_from_platinum_on_no_bucket_owes() -> None:
    assert [tier.name for tier in TIERS if not tier.cancels.may_owe] == ["platinum", "diamond", "elite"]


def test_a_tier_is_what_taker_and_makers_traded_in_thirty_days() -> None:
    bench = Bench(ask_level(0, 50, 1_000_000))
    bench.exchange.first_funds = Money(40_000 * MICRO)
    app = App(bench.exchange, Dialect(limits=LimitMode.ENFORCE))
    alice, bob = Wallet(app).log_in(), Wallet(app, 2).log_in()
    bob.place("BUY", 40, 100)

    assert alice.call("GET", "/v1/user/rate-limit-tier").json == {
        "tier": "standard",
        "period": 30,
        "tier_details": {
            "order_rate": 40,
            "order_burst": 60,
            "cancel_rate": 80,
            "cancel_burst": 120,
            "allow_negative_cancel_balance": True,
        },
        "next_tier_threshold": 30_000,
    }
    assert alice.place("BUY", 50, 60_100).json["status"] == "matched"
    bench.at(2)
    assert alice.place("SELL", 40, 100).json["status"] == "matched"
    said = alice.call("GET", "/v1/user/rate-limit-tier").json
    assert (said["tier"], said["usdc_volume"], said["next_tier_threshold"]) == ("copper", "30090", 50_000)
    assert bob.call("GET", "/v1/user/rate-limit-tier").json["tier"] == "standard"

    again = App(bench.exchange, Dialect(limits=LimitMode.ENFORCE))
    recalled = Wallet(again)
    recalled.creds = alice.creds
    assert recalled.call("GET", "/v1/user/rate-limit-tier").json["usdc_volume"] == "30090"

    bench.at(31 * 86_400)
    assert alice.call("GET", "/v1/user/rate-limit-tier").json["tier"] == "standard"


def test_nobody_else_is_told_a_tier(door: Door) -> None:
    assert ask(door.app, "GET", "/v1/user/rate-limit-tier").status == 401
