"""OTP's matrix on real processes: restart type x way of ending x what it takes with it.

Each row is one child of a tree that runs beside a vital sibling, and what must follow from its end: started again,
ended for good, down alone, or down with everything. All rows of a kind of end share one tree and run at once; no
row may take longer than a minute.
"""

import random
import signal

import pytest

from messages.system import ActorExited
from messages.values import SECOND, RoleName
from runtime.child import Phase
from runtime.restarts import ExitCode, Restart
from tests.runtime.ends import until
from tests.runtime.test_supervision import DEAF, WAITS, Nursery, _ignores_term

P, TR, TE = Restart.PERMANENT, Restart.TRANSIENT, Restart.TEMPORARY
AGAIN, DONE, DOWN, ALL = "started again", "ended for good", "down, alone", "down with everything"

NORMAL = "pass"
ABNORMAL = f"raise SystemExit({ExitCode.SOFTWARE:d})"
SIGNAL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
HOPELESS = f"raise SystemExit({ExitCode.VERSION:d})"
IN_USE = f"raise SystemExit({ExitCode.LOCKED:d})"

ENDS = {
    "normal, 0": NORMAL,
    "abnormal, 70": ABNORMAL,
    "a signal": SIGNAL,
    "asked to stop": WAITS,
    "killed as it did not stop": DEAF,
    "silent": WAITS,
    "not ready": WAITS,
    "of no use, 78": HOPELESS,
    "in use, 75": IN_USE,
}
"""How it ends."""
MATRIX = {
    ("normal, 0", P): AGAIN,
    ("normal, 0", TR): DONE,
    ("normal, 0", TE): DONE,
    ("abnormal, 70", P): AGAIN,
    ("abnormal, 70", TR): AGAIN,
    ("abnormal, 70", TE): DONE,
    ("a signal", P): AGAIN,
    ("a signal", TR): AGAIN,
    ("a signal", TE): DONE,
    ("asked to stop", P): DONE,
    ("asked to stop", TR): DONE,
    ("asked to stop", TE): DONE,
    ("killed as it did not stop", P): DONE,
    ("killed as it did not stop", TR): DONE,
    ("killed as it did not stop", TE): DONE,
    ("silent", P): AGAIN,
    ("silent", TR): AGAIN,
    ("silent", TE): DONE,
    ("not ready", P): AGAIN,
    ("not ready", TR): AGAIN,
    ("not ready", TE): DONE,
    ("of no use, 78", P): ALL,
    ("of no use, 78", TR): ALL,
    ("of no use, 78", TE): DONE,
    ("in use, 75", P): ALL,
    ("in use, 75", TR): ALL,
    ("in use, 75", TE): DONE,
}
REASONS = {
    "normal, 0": "exit 0, ok",
    "abnormal, 70": "exit 70, software",
    "a signal": "killed by SIGKILL",
    "asked to stop": "killed by SIGTERM",
    "killed as it did not stop": "did not stop within 0.2 s",
    "silent": "silent for 0.",
    "not ready": "not ready within 0.2 s",
    "of no use, 78": "exit 78, version",
    "in use, 75": "exit 75, locked",
}


@pytest.fixture
def nursery(tmp_path):
    built = Nursery(tmp_path)
    yield built
    built.close()


class Trial:
    """One way of ending, for all three restart types at once, vital or not; and a sibling that must not notice."""

    def __init__(self, nursery, ending, *, vital):
        self.nursery, self.ending = nursery, ending
        self.sibling = nursery.launch(WAITS, role="sibling")
        spec = {"vital": vital, "intensity": 1}
        if ending == "silent":
            spec |= {"deadline_s": 0.2}
        if ending == "not ready":
            spec |= {"ready_s": 0.2}
        if ending == "killed as it did not stop":
            spec |= {"grace_s": 0.2}
        self.children = {
            restart: nursery.launch(ENDS[ending], role=restart.value, restart=restart, **spec)
            for restart in Restart
        }
        self.first = {restart: child.incarnation for restart, child in self.children.items()}
        for child in self.children.values():
            self.begin(child)

    def begin(self, child):
        """What is needed for it to end this way."""
        if self.ending == "silent":
            self.nursery.tree.ready(child)
            child.signal(signal.SIGSTOP)
        elif self.ending == "asked to stop":
            self.nursery.tree.stop(child, "enough")
        elif self.ending == "killed as it did not stop":
            until(lambda: _ignores_term(child.pid))
            self.nursery.tree.stop(child, "enough")

    def outcome(self, restart):
        """What followed from its first end; "" while that is not seen."""
        child = self.children[restart]
        if child.incarnation > self.first[restart] or child.phase is Phase.BACKOFF:
            return AGAIN
        if child.phase is Phase.FAILED:
            return ALL if self.nursery.tree.ends.escalated else DOWN
        return DONE if child.phase is Phase.STOPPED and not child.alive else ""

    def outcomes(self):
        """Of all three."""
        seen = {}

        def look():
            for restart in Restart:
                seen.setdefault(restart, "")
                seen[restart] = seen[restart] or self.outcome(restart)
            return all(seen.values())

        until(look, lambda: self.nursery.tree.step(SECOND // 200))
        return seen

    def reason(self, restart):
        """Why it ended the first time, as it was journaled."""
        return next(e.reason for e in self.nursery.of(ActorExited) if e.role == restart.value)


@pytest.mark.parametrize("ending", ENDS)
def test_what_follows_from_an_end_is_said_by_its_restart_type(nursery, ending):
    trial = Trial(nursery, ending, vital=True)

    assert trial.outcomes() == {restart: MATRIX[ending, restart] for restart in Restart}
    assert {trial.reason(restart).startswith(REASONS[ending]) for restart in Restart} == {True}
    assert trial.sibling.incarnation == 1  # one_for_one: nobody else is touched
    assert trial.sibling.alive


@pytest.mark.parametrize("ending", [end for end in ENDS if MATRIX[end, P] == ALL])
def test_who_is_not_vital_goes_down_alone(nursery, ending):
    trial = Trial(nursery, ending, vital=False)

    assert trial.outcomes() == {P: DOWN, TR: DOWN, TE: DONE}
    assert nursery.tree.ends.escalated is None
    assert trial.sibling.alive


@pytest.mark.parametrize("ending", [end for end in ENDS if AGAIN in (MATRIX[end, P], MATRIX[end, TR])])
@pytest.mark.parametrize("vital", [True, False])
def test_more_restarts_than_the_intensity_escalate_and_are_no_storm(nursery, ending, vital):
    """Hanging and late processes too: OTP's hanging_restart_loop."""
    trial = Trial(nursery, ending, vital=vital)
    permanent = trial.children[P]
    again = trial.first[P]

    def look():
        nonlocal again
        if permanent.incarnation > again and permanent.alive:
            again = permanent.incarnation
            trial.begin(permanent)
        return permanent.phase is Phase.FAILED

    until(look, lambda: nursery.tree.step(SECOND // 200))
    ends = [ended for ended in nursery.of(ActorExited) if ended.role == P.value]
    for _ in range(10):
        nursery.tree.step(SECOND // 500)

    assert len(ends) == 1 + 1  # the first life, and the one restart it is given
    assert bool(nursery.tree.ends.escalated) is vital
    assert not permanent.alive


def test_the_wait_grows_with_the_restarts_and_the_first_has_none(nursery):
    nursery.tree.ends._rng = random.Random(3)
    child = nursery.launch(ABNORMAL, intensity=3)
    waits = []

    def look():
        if child.phase is Phase.BACKOFF and len(waits) < child.window.total:
            waits.append(child.start_at)
        return nursery.tree.ends.escalated

    until(look, lambda: nursery.tree.step(SECOND // 200))

    assert len(waits) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"ready_s": 0},
        {"beat_s": 0},
        {"deadline_s": 0.01},
        {"grace_s": -1},
        {"intensity": -1},
        {"period_s": 0},
        {"restart": "sometimes"},
    ],
)
def test_a_row_that_makes_no_sense_is_refused_when_it_is_written(nursery, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        nursery.launch(WAITS, **wrong)

    assert nursery.spawned == 0
    assert RoleName("clerk") not in nursery.tree.children
