from messages.account import DeadManBeaten, DeadManMissed
from messages.values import RealNs
from venue.polymarket.client import Reply
from venue.polymarket.dead_man import DeadMan

NOW = RealNs(5)


def accepted(given):
    return Reply(status=200, body={"heartbeat_id": given})


def wrong(expected):
    return Reply(status=400, body={"error_msg": "Invalid Heartbeat ID", "heartbeat_id": expected})


LOST = Reply(status=None, body=None, error="no answer", left=True)


def test_each_beat_carries_the_id_the_venue_gave_last():
    dead_man = DeadMan()

    said = [(dead_man.hear(accepted(given), NOW), dead_man.heartbeat) for given in ("a", "b")]

    assert said == [(DeadManBeaten(at=NOW), "a"), (DeadManBeaten(at=NOW), "b")]


def test_the_first_400_of_a_run_is_corrected_and_beaten_again():
    dead_man = DeadMan()

    assert dead_man.hear(wrong("left over"), NOW) is None
    assert dead_man.heartbeat == "left over"
    assert dead_man.hear(accepted("a"), NOW) == DeadManBeaten(at=NOW)


def test_a_400_after_a_lost_answer_is_corrected_and_beaten_again():
    dead_man = DeadMan()
    dead_man.hear(accepted("a"), NOW)

    assert dead_man.hear(LOST, NOW) == DeadManMissed(reason="no answer")
    assert dead_man.hear(wrong("b"), NOW) is None
    assert dead_man.heartbeat == "b"


def test_a_400_after_an_acknowledged_beat_is_somebody_else():
    dead_man = DeadMan()
    dead_man.hear(accepted("a"), NOW)

    said = dead_man.hear(wrong("theirs"), NOW)

    assert isinstance(said, DeadManMissed)
    assert said.foreign


def test_somebody_else_who_goes_on_is_noticed_every_time():
    dead_man = DeadMan()
    dead_man.hear(accepted("a"), NOW)

    said = [dead_man.hear(wrong(theirs), NOW) for theirs in ("b", "c", "d")]

    assert [word.foreign for word in said] == [True, True, True]
    assert dead_man.heartbeat == "d"
    assert dead_man.hear(accepted("e"), NOW) == DeadManBeaten(at=NOW)


def test_a_venue_that_forgot_us_is_nobody_else():
    dead_man = DeadMan()
    dead_man.hear(accepted("a"), NOW)

    assert dead_man.hear(wrong(""), NOW) is None
    assert dead_man.heartbeat == ""


def test_two_corrections_in_a_row_are_nobody_else():
    dead_man = DeadMan()

    assert [dead_man.hear(wrong("a"), NOW), dead_man.hear(wrong("b"), NOW)] == [None, None]


def test_an_answer_that_is_no_link_of_the_chain_is_a_miss():
    for reply in (
        Reply(status=200, body="OK"),
        Reply(status=200, body={"heartbeat_id": 7}),
        Reply(status=400, body={"error": "Invalid API key"}),
        Reply(status=401, body={"error": "Unauthorized"}),
        Reply(status=500, body={"heartbeat_id": "a"}),
    ):
        said = DeadMan().hear(reply, NOW)
        assert isinstance(said, DeadManMissed)
        assert not said.foreign
        assert said.reason
