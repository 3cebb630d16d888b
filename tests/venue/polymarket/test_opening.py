"""An account is opened under its key: what refuses it for good, and what for now."""

import os

import pytest

from messages.account import AccountOpened, AccountRefused, BeatDeadMan, OpenAccount, ReadAccount
from messages.orders import Answer, SendOrder, TakeAllOff, TakeOrdersOff
from messages.values import MarketNs
from runtime.locks import AccountLock
from tests.venue.polymarket.world import ADDRESS, FAR_OFF, Says, an_order, play, said
from venue.polymarket.orders import NOT_OPEN


def test_an_account_is_opened_under_its_key_and_its_funder(tmp_path):
    async def story(world, port):
        assert await said(port, OpenAccount()) == [AccountOpened(address=ADDRESS, funder=ADDRESS)]
        assert world.asked_for("POST /auth/api-key")[0].headers["poly_address"] == ADDRESS

    play(tmp_path, story, opened=False)


def test_a_deposit_wallet_has_a_funder_of_its_own(tmp_path):
    async def story(world, port):
        [word] = await said(port, OpenAccount())
        assert (word.address, word.funder) == (ADDRESS, "0x" + "22" * 20)

    play(tmp_path, story, opened=False, signature_type=3, funder="0x" + "22" * 20)


def test_an_account_that_is_traded_already_is_left_alone(tmp_path):
    async def story(world, port):
        other = AccountLock(tmp_path / "accounts")
        other.take(ADDRESS)
        [word] = await said(port, OpenAccount())
        assert (word.final, word.in_use) == (True, True)
        assert f"in use by process {os.getpid()}" in word.reason
        assert world.asked == []
        other.release()
        [word] = await said(port, OpenAccount())
        assert word.address == ADDRESS

    play(tmp_path, story, opened=False, accounts=tmp_path / "accounts")


def test_an_account_that_cannot_be_locked_is_not_traded(tmp_path):
    (tmp_path / "accounts").write_text("in the way")

    async def story(world, port):
        [word] = await said(port, OpenAccount())
        assert (word.final, word.in_use) == (True, False)
        assert "cannot be locked" in word.reason

    play(tmp_path, story, opened=False, accounts=tmp_path / "accounts")


@pytest.mark.parametrize(
    ("status", "final"), [(401, True), (403, True), (400, False), (500, False), (503, False)]
)
def test_credentials_that_are_refused_are_final_only_where_trying_again_is_vain(tmp_path, status, final):
    async def story(world, port):
        world.says("POST /auth/api-key", Says(status, {"error": "no"}))
        world.says("GET /auth/derive-api-key", Says(status, {"error": "no"}))
        assert await said(port, OpenAccount()) == [AccountRefused(reason=f"HTTP {status}: no", final=final)]

    play(tmp_path, story, opened=False)


def test_a_venue_that_cannot_be_reached_may_be_tried_again(tmp_path):
    async def story(world, port):
        world.says("POST /auth/api-key", Says(instead="reset"))
        world.says("GET /auth/derive-api-key", Says(instead="reset"))
        [word] = await said(port, OpenAccount())
        assert not word.final

    play(tmp_path, story, opened=False)


def test_a_key_that_cannot_be_read_is_final_and_names_its_file(tmp_path):
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text("not a key")

    async def story(world, port):
        [word] = await said(port, OpenAccount())
        assert word.final
        assert str(tmp_path / "key") in word.reason
        assert world.asked == []

    play(tmp_path, story, opened=False)


def test_before_the_account_is_open_every_command_is_answered_with_that(tmp_path):
    async def story(world, port):
        answers = [
            (await said(port, command))[0]
            for command in (
                an_order(),
                SendOrder(order="0xa", send_before=FAR_OFF),
                TakeOrdersOff(orders=("0xa",)),
                TakeAllOff(),
                ReadAccount(since=MarketNs(0)),
                BeatDeadMan(),
            )
        ]
        assert {answer.reason for answer in answers} == {NOT_OPEN}
        assert answers[1].answer is Answer.NOT_SENT
        assert (answers[2].orders, answers[3].everything) == (("0xa",), True)
        assert world.asked == []

    play(tmp_path, story, opened=False)
