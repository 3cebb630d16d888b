"""Whatever dies and lies, every snapshot that was kept is what a replay of the journal makes of the actor."""

import msgspec

import simulation.world.machine
from messages.codec import decode_body, decode_envelope
from messages.values import MarketNs, RealNs
from runtime.image import picture
from runtime.journal_snapshots import Snapshot
from runtime.process import actor_of
from runtime.twin import known
from simulation.world.run import Run


def test_every_snapshot_of_a_run_full_of_faults_is_a_replay_bit_for_bit(monkeypatch):
    plans, host_of = {}, simulation.world.machine.host_of

    def remembered(plan, *rest):
        plans[plan.role] = plan
        return host_of(plan, *rest)

    monkeypatch.setattr(simulation.world.machine, "host_of", remembered)
    run = Run(5, 120, None, None, None)
    run.play()
    store = run.box.disk.store
    kept = [
        msgspec.msgpack.decode(store.shelf.read(name)[16:], type=Snapshot) for name in store.shelf.names()
    ]

    assert len(kept) >= 5
    for snapshot in kept:
        plan = plans[snapshot.role]
        actor = actor_of(plan)
        for record in store.records[: snapshot.gseq]:
            message = decode_body(decode_envelope(record.envelope))
            if type(message) in actor.contract.handlers and (
                not plan.market or record.market in ("", plan.market)
            ):
                actor.now, actor.real_now = MarketNs(record.market_at), RealNs(record.real_at)
                actor.handle(message)
        assert picture(known(actor)) == snapshot.image, (snapshot.role, snapshot.gseq)
