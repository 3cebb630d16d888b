import json
import logging
import os

import pytest
from loguru import logger

from telemetry import log

CANARY = "canary-0123456789"


@pytest.fixture
def logged(tmp_path, monkeypatch):
    """Configure as a process does; ends the log and gives its lines and what the terminal got."""
    monkeypatch.setenv("MY_SECRET", CANARY)
    reader, writer = os.pipe()
    log.configure(role="liquidator:1a2b", directory=tmp_path, level="info", run="17", terminal=writer)

    def end():
        logger.remove()
        os.close(writer)
        terminal = os.read(reader, 65_536).decode()
        lines = [json.loads(line) for line in (tmp_path / "liquidator-1a2b.jsonl").read_text().splitlines()]
        return lines, terminal

    yield end
    logger.remove()
    os.close(reader)
    logging.basicConfig(handlers=[], force=True)


def test_each_record_is_one_json_line_with_role_and_run(logged):
    logger.info("quoting {}\nagain", 7)
    lines, terminal = logged()

    assert terminal == ""
    assert lines[0]["message"] == "quoting 7\nagain"
    assert (lines[0]["role"], lines[0]["run"], lines[0]["level"]) == ("liquidator:1a2b", "17", "INFO")


def test_warnings_are_on_the_terminal_too_in_one_readable_line(logged):
    logger.warning("late\nby far")
    lines, terminal = logged()

    assert terminal.endswith(" WARNING  liquidator:1a2b: late | by far\n")
    assert len(lines) == 1


def test_a_quieter_level_is_not_written(logged):
    logger.debug("not this")
    logger.info("this")

    assert [line["message"] for line in logged()[0]] == ["this"]


def test_no_secret_leaves_in_a_message_a_field_or_a_traceback(logged):
    password = CANARY
    try:
        raise ValueError(f"refused {password}")
    except ValueError:
        logger.bind(private_key="s3cr3t", note=CANARY).exception("with passphrase=s3cr3t and {}", CANARY)
    lines, terminal = logged()

    written = json.dumps(lines) + terminal
    assert "ValueError: refused <hidden>" in lines[0]["exception"]
    assert CANARY not in written
    assert "s3cr3t" not in written


def test_libraries_are_heard_from_warning_on(logged):
    logging.getLogger("websockets").info("not this")
    logging.getLogger("websockets").error("lost %s", "it")

    assert [line["message"] for line in logged()[0]] == ["websockets: lost it"]


def test_a_directory_that_can_not_be_had_costs_lines_and_not_the_process(tmp_path):
    (tmp_path / "file").write_text("")
    reader, writer = os.pipe()
    log.configure(role="maker", directory=tmp_path / "file" / "logs", terminal=writer)

    logger.error("still said")
    logger.remove()

    assert b"still said" in os.read(reader, 4096)
    os.close(reader)
    os.close(writer)
    logging.basicConfig(handlers=[], force=True)
