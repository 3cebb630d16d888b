from venue.paper.ledger.seen import Seen


def test_what_was_added_is_always_known_and_what_was_not_is_nearly_always_new() -> None:
    seen = Seen(f"0x{number:064x}" for number in range(2_000))
    seen.add("another")

    assert all(seen.maybe(f"0x{number:064x}") for number in range(2_000))
    assert seen.maybe("another")
    assert sum(seen.maybe(f"0x{number:064x}") for number in range(10_000, 20_000)) < 20
