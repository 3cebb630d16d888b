from venue.polymarket.outbox import MAX_PREPARED, MAX_REMEMBERED, Outbox


def test_an_order_leaves_once():
    outbox = Outbox()
    outbox.put("0xa", "body")

    assert [outbox.take("0xa"), outbox.take("0xa")] == ["body", None]


def test_a_forgotten_order_does_not_leave():
    outbox = Outbox()
    outbox.put("0xa", "body")
    outbox.forget("0xa")
    outbox.forget("0xnever")

    assert outbox.take("0xa") is None


def test_only_the_first_wish_to_send_an_order_is_answered():
    outbox = Outbox()

    assert [outbox.ask("0xa"), outbox.ask("0xa"), outbox.ask("0xb")] == [True, False, True]


def test_the_oldest_is_forgotten_when_there_are_too_many():
    outbox = Outbox()
    for number in range(MAX_PREPARED + 1):
        outbox.put(str(number), number)

    assert len(outbox) == MAX_PREPARED
    assert outbox.take("0") is None
    assert outbox.take("1") == 1


def test_names_of_orders_that_left_are_bounded_too():
    outbox = Outbox()
    for number in range(MAX_REMEMBERED + 1):
        outbox.ask(str(number))

    assert outbox.ask(str(MAX_REMEMBERED)) is False
    assert outbox.ask("0") is True
