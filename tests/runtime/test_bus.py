"""Two ends of the wire, over real sockets in a directory of their own."""

import shutil

import pytest
import zmq

from messages.codec import decode_body, encode_envelope
from messages.market import BookSnapshot, FeedStatus
from messages.orders import CancelMarket
from messages.system import ActorReady, ClockAnchor, EngineState, Ping, Presence, Roster
from messages.values import MarketId, MarketNs, RealNs, RoleName
from runtime.bus import STATE, Bus
from runtime.clock import Clock
from runtime.stamp import Stamp
from runtime.topology import Wiring
from runtime.zmq_wire import ZmqWire
from tests.runtime import ends

STILL = Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=0))
SECOND = 1_000_000_000


def a_bus(tmp_path, role, incarnation, **wiring):
    base = {"binds": (), "subscribes": (), "dealers": (), "commands": {}, "facts": ()}
    family = role.split(":")[0]
    stamp = Stamp(RoleName(role), incarnation, 99, STILL)
    wire = ZmqWire(tmp_path, stamp.source)
    bus = Bus(RoleName(role), incarnation, Wiring(family=family, **{**base, **wiring}), stamp, wire)
    bus.heard, bus.notices = [], []
    bus.on_envelope = lambda envelope, stream, sender: bus.heard.append(
        (decode_body(envelope), stream, sender)
    )
    bus.on_notice = bus.notices.append
    bus.open()
    return bus


@pytest.fixture
def buses():
    opened = []
    yield opened
    for bus in opened:
        bus.close()


def until(bus, done, others=()):
    """Read until something is so."""
    ends.until(done, lambda: bus.receive(SECOND // 100), *(lambda o=other: o.receive(0) for other in others))


def connected(tmp_path, buses):
    gateway = a_bus(tmp_path, "gateway", 1, binds=("cmd",))
    maker = a_bus(tmp_path, "maker", 2, dealers=("cmd",), commands={"CancelMarket": "cmd"})
    buses += [gateway, maker]
    return gateway, maker


CANCEL = CancelMarket(market=MarketId("0xaa"), owner=RoleName("maker"))


def send_when_connected(bus, message):
    ends.until(lambda: bus.send(message, None), lambda: bus.receive(2_000_000))


def test_a_command_reaches_its_handler_with_its_senders_name(tmp_path, buses):
    gateway, maker = connected(tmp_path, buses)
    send_when_connected(maker, CANCEL)
    until(gateway, lambda: gateway.heard)

    assert gateway.heard == [(CANCEL, "cmd", "maker@2")]


def test_a_command_to_nobody_is_not_queued(tmp_path, buses):
    maker = a_bus(tmp_path, "maker", 2, dealers=("cmd",), commands={"CancelMarket": "cmd"})
    buses.append(maker)

    assert maker.send(CANCEL, None) is False


def test_an_earlier_incarnation_than_the_rosters_is_refused(tmp_path, buses):
    gateway, maker = connected(tmp_path, buses)
    present = Presence(role=RoleName("maker"), incarnation=3, pid=1, state="ready")
    gateway.learn(Roster(engine=EngineState.RUNNING, present=(present,)), "supervisor@1")
    send_when_connected(maker, CANCEL)
    until(gateway, lambda: gateway.notices)

    assert gateway.heard == []
    assert gateway.dropped["cmd"] == 1


@pytest.mark.parametrize("stranger", ["clerk@2", "maker@3", "maker", "@", "maker@x", "maker@-1"])
def test_once_the_roster_is_known_nobody_else_gives_commands(tmp_path, buses, stranger):
    gateway, maker = connected(tmp_path, buses)
    present = Presence(role=RoleName("maker"), incarnation=2, pid=1, state="ready")
    gateway.learn(Roster(engine=EngineState.RUNNING, present=(present,)), "supervisor@9")
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.IDENTITY, stranger.encode())
        socket.connect(f"ipc://{tmp_path}/cmd")
        maker.stamp.source, ours = stranger, maker.stamp.source
        socket.send(encode_envelope(maker.stamp.seal(CANCEL, "cmd", None)))
        until(gateway, lambda: gateway.notices)
    assert gateway.heard == []

    maker.stamp.source = ours
    send_when_connected(maker, CANCEL)
    until(gateway, lambda: gateway.heard)


def test_a_name_in_use_cannot_be_taken_by_a_second_peer(tmp_path, buses):
    gateway, maker = connected(tmp_path, buses)
    send_when_connected(maker, CANCEL)
    until(gateway, lambda: gateway.heard)
    thief = a_bus(tmp_path, "maker", 2, dealers=("cmd",), commands={"CancelMarket": "cmd"})
    buses.append(thief)
    other = CancelMarket(market=MarketId("0xbb"), owner=RoleName("maker"))
    send_when_connected(thief, other)
    send_when_connected(maker, CANCEL)
    until(gateway, lambda: len(gateway.heard) > 1)

    assert [message for message, _, _ in gateway.heard] == [CANCEL, CANCEL]


def test_endpoints_that_were_deleted_are_made_again_and_who_is_connected_stays_so(tmp_path, buses):
    directory = tmp_path / "sockets"
    directory.mkdir(mode=0o700)
    tmp_path.chmod(0o700)
    gateway, maker = connected(directory, buses)
    send_when_connected(maker, CANCEL)
    until(gateway, lambda: gateway.heard)
    shutil.rmtree(directory)
    gateway.mend()
    gateway.mend()
    send_when_connected(maker, CANCEL)
    late = a_bus(directory, "risk", 5, dealers=("cmd",), commands={"CancelMarket": "cmd"})
    buses.append(late)
    send_when_connected(late, CANCEL)
    until(gateway, lambda: len(gateway.heard) == 3)

    assert sorted(sender for _, _, sender in gateway.heard) == ["maker@2", "maker@2", "risk@5"]
    assert gateway.notices == ["sockets were deleted and are made again: cmd"]


def test_a_place_that_is_not_private_is_not_used_for_endpoints(tmp_path, buses):
    directory = tmp_path / "sockets"
    directory.mkdir(mode=0o700)
    tmp_path.chmod(0o700)
    gateway, _ = connected(directory, buses)
    shutil.rmtree(directory)
    directory.mkdir(mode=0o755)
    gateway.mend()

    assert "cannot be made again" in gateway.notices[0]
    assert list(directory.iterdir()) == []


def a_status(n):
    return FeedStatus(market=MarketId("0xaa"), live=True, verified_at=RealNs(n))


def has_heard(bus, n):
    """A status may come twice, as the last value and as the news that it was; counting says nothing."""
    return any(message.verified_at == n for message, _, _ in bus.heard)


def test_a_late_subscriber_gets_the_last_state_without_waiting_for_the_next(tmp_path, buses):
    feed = a_bus(tmp_path, "feed", 1, binds=("md",))
    feed.send(a_status(1), None)
    feed.send(a_status(2), None)
    maker = a_bus(tmp_path, "maker", 2, subscribes=("md",))
    buses += [feed, maker]
    until(maker, lambda: maker.heard, [feed])

    assert maker.gaps == {}
    assert {m.verified_at for m, _, _ in maker.heard} == {2}


def test_missing_messages_of_a_stream_are_noticed(tmp_path, buses):
    feed = a_bus(tmp_path, "feed", 1, binds=("md",))
    maker = a_bus(tmp_path, "maker", 2, subscribes=("md",))
    buses += [feed, maker]
    feed.send(a_status(1), None)
    until(maker, lambda: has_heard(maker, 1), [feed])
    feed.send(a_status(2), None)
    until(maker, lambda: has_heard(maker, 2), [feed])
    for _ in range(3):
        feed.stamp.seal(a_status(0), "md", None)
    feed.send(a_status(9), None)
    until(maker, lambda: has_heard(maker, 9), [feed])

    assert maker.gaps["md"] == 3
    assert "missing" in maker.notices[0]


def test_garbage_on_any_socket_is_counted_and_dropped(tmp_path, buses):
    gateway, _ = connected(tmp_path, buses)
    context = zmq.Context()
    stranger = context.socket(zmq.DEALER)
    stranger.connect(f"ipc://{tmp_path}/cmd")
    for frames in ([b"junk"], [b""], [b"a", b"b", b"c"], [STATE + b"\xc1"], [b"\x90"]):
        stranger.send_multipart(frames)
    until(gateway, lambda: gateway.dropped.get("cmd", 0) == 5)
    stranger.close(0)
    context.term()

    assert gateway.heard == []


def test_who_speaks_in_anothers_name_is_refused(tmp_path, buses):
    gateway, _ = connected(tmp_path, buses)
    liar = a_bus(tmp_path, "risk", 5, dealers=("cmd",), commands={"CancelMarket": "cmd"})
    buses.append(liar)
    liar.stamp.source = "maker@2"
    send_when_connected(liar, CANCEL)
    until(gateway, lambda: gateway.notices)

    assert gateway.heard == []


def test_a_router_tells_one_peer_and_says_when_it_is_away(tmp_path, buses):
    supervisor = a_bus(tmp_path, "supervisor", 1, binds=("sup",))
    maker = a_bus(tmp_path, "maker", 2, dealers=("sup",))
    buses += [supervisor, maker]
    send_when_connected(maker, ActorReady(incarnation=2))
    until(supervisor, lambda: supervisor.heard)

    assert supervisor.tell("sup", "maker@2", Ping(nonce=7))
    assert not supervisor.tell("sup", "maker@1", Ping(nonce=7))
    until(maker, lambda: maker.heard)
    assert maker.heard[0][0] == Ping(nonce=7)


def test_books_keep_their_market_in_the_envelope(tmp_path, buses):
    feed = a_bus(tmp_path, "feed", 1, binds=("md",))
    buses.append(feed)
    book = BookSnapshot(market=MarketId("0xaa"), bids=(), asks=(), tick=10_000, seen_at=RealNs(1))

    assert feed.stamp.seal(book, "md", None).market == "0xaa"
