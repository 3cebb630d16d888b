"""The dead-man switch: the chain of its beats, and beats through the port."""

from messages.account import BeatDeadMan, DeadManBeaten, DeadManMissed
from messages.values import RealNs
from tests.venue.polymarket.world import Says, play, said
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


# Through the port.


def test_beats_carry_the_chain_and_are_corrected_at_once(tmp_path):
    async def story(world, port):
        world.says(
            "POST /v1/heartbeats",
            Says(400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": "left over"}),
            {"heartbeat_id": "a"},
            {"heartbeat_id": "b"},
        )
        assert [type(word) for word in await said(port, BeatDeadMan())] == [DeadManBeaten]
        assert [type(word) for word in await said(port, BeatDeadMan())] == [DeadManBeaten]
        assert [asked.json["heartbeat_id"] for asked in world.asked] == ["", "left over", "a"]

    play(tmp_path, story)


def test_a_beat_whose_answer_is_lost_is_missed_and_the_next_one_is_corrected(tmp_path):
    async def story(world, port):
        world.says(
            "POST /v1/heartbeats",
            {"heartbeat_id": "a"},
            Says(instead="reset"),
            Says(400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": "b"}),
            {"heartbeat_id": "c"},
        )
        words = [(await said(port, BeatDeadMan()))[0] for _ in range(3)]
        assert [type(word) for word in words] == [DeadManBeaten, DeadManMissed, DeadManBeaten]
        assert not words[1].foreign

    play(tmp_path, story)


def test_somebody_else_on_our_key_is_noticed(tmp_path):
    async def story(world, port):
        world.says(
            "POST /v1/heartbeats",
            {"heartbeat_id": "a"},
            Says(400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": "theirs"}),
        )
        await said(port, BeatDeadMan())
        [missed] = await said(port, BeatDeadMan())
        assert missed.foreign

    play(tmp_path, story)


def test_a_venue_that_corrects_for_ever_is_given_up(tmp_path):
    async def story(world, port):
        ids = iter(range(100))
        world.says("POST /v1/heartbeats", lambda asked: Says(400, {"heartbeat_id": str(next(ids))}))
        [missed] = await said(port, BeatDeadMan())
        assert not missed.foreign
        assert len(world.asked) == 3

    play(tmp_path, story)
