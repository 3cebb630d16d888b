"""What leaves late, what is heard late, and what is held back while others are answered."""

import socket
import ssl
import subprocess
import threading

import httpx
import pytest

from messages.account import BeatDeadMan
from messages.orders import Answer
from messages.values import SECOND, RealNs
from runtime.clock import real_now
from tests.patience import PATIENCE_S
from tests.venue.polymarket.world import play, prepared, said, sent
from venue.polymarket.keys import Redactor
from venue.polymarket.transport import Pool

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"


def test_an_order_does_not_leave_over_a_connection_that_took_longer_than_it_had(tmp_path, monkeypatch):
    async def story(world, port):
        order = await prepared(port)
        dial, dialed = socket.create_connection, []
        world.asked[:] = []
        port._hang_up()  # every warm connection is gone
        send_before = RealNs(real_now() + SECOND // 2)

        def slowly(*args, **kwargs):
            dialed.append(args)
            while real_now() < send_before:
                pass
            return dial(*args, **kwargs)

        monkeypatch.setattr(socket, "create_connection", slowly)
        answer = await sent(port, order, send_before=send_before)

        assert answer.answer is Answer.NOT_SENT, answer
        assert dialed
        assert not [asked for asked in world.asked if asked.path == "/order"]

    play(tmp_path, story)


def test_a_beat_is_as_old_as_its_request(tmp_path):
    async def story(world, port):
        answered_at = []

        def answer(asked):
            answered_at.append(real_now())
            return {"heartbeat_id": "a"}

        world.says("POST /v1/heartbeats", answer)
        [beaten] = await said(port, BeatDeadMan())

        assert beaten.at <= answered_at[0]

    play(tmp_path, story)


def _talk(peer, context, held):
    with context.wrap_socket(peer, server_side=True) as stream:
        assert stream.selected_alpn_protocol() == "http/1.1"
        while data := stream.recv(65_536):
            if b" /order " in data:
                held.set()
            else:
                stream.sendall(ANSWER)


def _serve(listener, context, held):
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(peer, context, held), daemon=True).start()


@pytest.fixture
def held():
    """Set when /order came, which is never answered."""
    return threading.Event()


@pytest.fixture
def url(tmp_path, monkeypatch, held):
    """Offers HTTP/2 as the venue does, and answers everything at once but /order."""
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        tmp_path / "key",
        "-out",
        tmp_path / "cert",
    ]
    subprocess.run([*made.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    context.set_alpn_protocols(["h2", "http/1.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context, held), daemon=True).start()
        yield f"https://localhost:{listener.getsockname()[1]}"


def test_a_request_that_is_held_back_holds_no_other_back_and_is_given_up_in_its_time(url, held):
    pool = Pool(url, now=real_now, redact=Redactor())
    replies = []
    throttled = threading.Thread(
        target=lambda: replies.append(pool.ask(httpx.Request("GET", f"{url}/order"), 1.0)), daemon=True
    )
    throttled.start()
    assert held.wait(PATIENCE_S)

    assert pool.ask(httpx.Request("GET", f"{url}/time"), PATIENCE_S).status == 200
    assert not replies, "it is held back still"
    throttled.join(PATIENCE_S)
    assert [reply.status for reply in replies] == [None]
    pool.close()
