"""The supervisor's rules: OTP's table of restart type and exit, intensity, backoff."""

import itertools
import random

import pytest

from messages.values import SECOND, RealNs
from runtime.restarts import MAX_BACKOFF_S, ChildSpec, ExitCode, Restart, Verdict, Window, backoff_s, exited


def a_spec(restart=Restart.PERMANENT, intensity=3, period_s=60.0):
    return ChildSpec(
        restart=restart,
        ready_s=5,
        beat_s=0.5,
        deadline_s=3,
        grace_s=3,
        intensity=intensity,
        period_s=period_s,
    )


@pytest.mark.parametrize(
    ("restart", "code", "asked", "verdict"),
    [
        (Restart.PERMANENT, 0, False, Verdict.RESTART),
        (Restart.PERMANENT, 70, False, Verdict.RESTART),
        (Restart.PERMANENT, -9, False, Verdict.RESTART),
        (Restart.PERMANENT, 0, True, Verdict.DONE),
        (Restart.PERMANENT, -9, True, Verdict.DONE),
        (Restart.TRANSIENT, 0, False, Verdict.DONE),
        (Restart.TRANSIENT, 70, False, Verdict.RESTART),
        (Restart.TRANSIENT, -11, False, Verdict.RESTART),
        (Restart.TEMPORARY, 0, False, Verdict.DONE),
        (Restart.TEMPORARY, 70, False, Verdict.DONE),
        (Restart.PERMANENT, ExitCode.USAGE, False, Verdict.ESCALATE),
        (Restart.PERMANENT, ExitCode.CREDENTIALS, False, Verdict.ESCALATE),
        (Restart.PERMANENT, ExitCode.VERSION, False, Verdict.ESCALATE),
        (Restart.PERMANENT, ExitCode.IO, False, Verdict.RESTART),
    ],
)
def test_what_follows_from_an_end(restart, code, asked, verdict):
    assert exited(a_spec(restart), code, asked, Window(), RealNs(0)) is verdict


def test_files_that_cannot_be_used_at_the_very_first_start_are_not_tried_again():
    spec, restarted = a_spec(), Window()

    assert exited(spec, ExitCode.IO, False, restarted, RealNs(0), rising=True) is Verdict.ESCALATE
    assert exited(spec, -9, False, restarted, RealNs(0), rising=True) is Verdict.RESTART


def test_a_disk_that_refuses_two_writes_in_a_row_is_not_asked_a_third_time():
    spec, window = a_spec(period_s=60), Window()

    assert exited(spec, ExitCode.IO, False, window, RealNs(0)) is Verdict.RESTART
    assert exited(spec, ExitCode.IO, False, window, RealNs(61 * SECOND)) is Verdict.RESTART
    assert exited(spec, ExitCode.IO, False, window, RealNs(62 * SECOND)) is Verdict.ESCALATE


def test_more_restarts_than_the_intensity_within_the_period_escalate():
    window, spec = Window(), a_spec(intensity=2)

    assert [exited(spec, -9, False, window, RealNs(n)) for n in range(3)] == [
        Verdict.RESTART,
        Verdict.RESTART,
        Verdict.ESCALATE,
    ]


def test_restarts_longer_ago_than_the_period_are_forgiven():
    window, spec = Window(), a_spec(intensity=1, period_s=60)

    assert exited(spec, -9, False, window, RealNs(0)) is Verdict.RESTART
    assert exited(spec, -9, False, window, RealNs(61 * SECOND)) is Verdict.RESTART
    assert window.total == 2


def test_the_first_restart_is_immediate_and_the_next_wait_longer_and_longer():
    rng = random.Random(1)
    longest = [max(backoff_s(n, rng) for _ in range(300)) for n in range(1, 12)]

    assert longest[0] == 0
    assert all(later >= earlier * 0.9 for earlier, later in itertools.pairwise(longest[1:]))
    assert max(longest) <= MAX_BACKOFF_S
