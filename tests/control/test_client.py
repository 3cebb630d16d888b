import getpass
import json
import shutil
import tempfile
import threading
from pathlib import Path

import pytest
import zmq

from control.__main__ import main
from control.client import Unreachable, ask
from messages.risk import ControlReply, GetStatus, HaltTrading, Level
from runtime.edge import EdgeError, read_request, refuse, write_reply
from tests.patience import PATIENCE_S


class RiskDesk(threading.Thread):
    """The system's end of the control socket, over the system's own reading and writing of its frames."""

    def __init__(self, state):
        super().__init__(daemon=True)
        self.directory = Path(tempfile.mkdtemp(prefix="ctl", dir="/tmp"))
        (state / "run").mkdir(parents=True)
        (state / "run" / "sockets").write_text(f"{self.directory}\n")
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.bind(f"ipc://{self.directory}/ctl")
        self.over = threading.Event()
        self.heard = []
        self.level, self.ok, self.mute = Level.RUN, True, False
        self.raw = None

    def run(self):
        while not self.over.is_set():
            if self.socket.poll(20):
                sender, frame = self.socket.recv_multipart()
                answer = self.answer(frame)
                if not self.mute:
                    self.socket.send_multipart([sender, answer])
        self.context.destroy(linger=0)

    def answer(self, frame):
        try:
            request = read_request(frame, "asker")
        except EdgeError as error:
            return refuse(str(error))
        self.heard.append(request)
        return self.raw or write_reply(
            ControlReply(
                to="asker",
                request=request.request,
                ok=self.ok,
                level=self.level,
                orders_resting=2,
                actors=(("maker", "ready"),),
                details=(("P&L", "$1.25"),),
            )
        )

    def stop(self):
        self.over.set()
        self.join(PATIENCE_S)
        shutil.rmtree(self.directory)


@pytest.fixture
def desk(tmp_path):
    desk = RiskDesk(tmp_path)
    desk.start()
    yield desk
    desk.stop()


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code


def test_both_ends_understand_each_other(desk, tmp_path):
    answer = ask(tmp_path, "halt", "lunch")

    assert isinstance(desk.heard[0], HaltTrading)
    assert desk.heard[0].reason == "lunch"
    assert desk.heard[0].by == getpass.getuser()
    assert (answer.ok, answer.level, answer.actors) == (True, Level.RUN, {"maker": "ready"})


def test_an_unknown_operation_is_answered_with_words(desk, tmp_path):
    answer = ask(tmp_path, "dance")

    assert not answer.ok
    assert "unknown op" in answer.text
    assert desk.heard == []


def test_an_answer_that_can_not_be_read_is_no_answer(desk, tmp_path):
    desk.raw = b"\xff{"

    with pytest.raises(Unreachable, match="cannot be read"):
        ask(tmp_path, "status")


def test_silence_is_said_after_the_timeout_with_the_state_directory(desk, tmp_path):
    desk.mute = True

    with pytest.raises(Unreachable, match=str(tmp_path)):
        ask(tmp_path, "status", timeout_s=0.1)


def test_the_status_for_scripts_has_its_keys(desk, tmp_path, capsys):
    assert run("status", "--json", "--state", tmp_path) == 0

    said = json.loads(capsys.readouterr().out)
    assert isinstance(desk.heard[0], GetStatus)
    assert (said["level"], said["orders_resting"], said["actors"]) == ("RUN", 2, {"maker": "ready"})


def test_the_status_for_people_names_everybody(desk, tmp_path, capsys):
    assert run("status", "--state", tmp_path) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["level", "RUN"] in lines
    assert ["maker", "ready"] in lines
    assert ["P&L", "$1.25"] in lines


@pytest.mark.parametrize(("command", "code"), [("status", 5), ("halt", 0), ("resume", 0)])
def test_only_a_status_says_by_its_code_that_trading_is_halted(desk, tmp_path, command, code):
    desk.level = Level.FREEZE

    assert run(command, "--state", tmp_path) == code


def test_a_refusal_has_a_code_of_its_own(desk, tmp_path):
    desk.ok = False

    assert run("resume", "--state", tmp_path, "--reason", "all well") == 1


def test_one_market_is_named_and_accepting_it_needs_a_reason(desk, tmp_path):
    assert run("liquidate", "rain", "--state", tmp_path) == 0
    assert run("accept", "rain", "--reason", "mine", "--state", tmp_path) == 0
    assert run("accept", "rain", "--state", tmp_path) == 2
    assert run("liquidate", "--state", tmp_path) == 2
    desk.ok = False
    assert run("liquidate", "rain", "--state", tmp_path) == 1


def test_nothing_running_is_one_line_that_names_the_state_directory(tmp_path, capsys):
    assert run("status", "--state", tmp_path / "none") == 4

    (line,) = capsys.readouterr().err.splitlines()
    assert str(tmp_path / "none") in line


def test_a_halt_that_reaches_nobody_says_how_to_stop_it_nevertheless(tmp_path, capsys):
    assert run("halt", "--state", tmp_path) == 4
    assert f"touch {tmp_path}/KILL_SWITCH" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["dance"], ["status", "--bogus"], ["halt", "--timeout", "soon"]])
def test_a_wrong_command_line_is_code_two(arguments):
    assert run(*arguments) == 2
