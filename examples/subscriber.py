"""Ten lines that hear everything a running system says: `python examples/subscriber.py [state] [topic prefix]`."""

import json
import sys
from contextlib import suppress
from pathlib import Path

import zmq

state = Path(sys.argv[1] if len(sys.argv) > 1 else "state")
socket = zmq.Context().socket(zmq.SUB)
socket.connect(f"ipc://{(state / 'run' / 'sockets').read_text().strip()}/tel")
socket.subscribe(sys.argv[2] if len(sys.argv) > 2 else "event.")
with suppress(KeyboardInterrupt):
    while True:
        topic, frame = socket.recv_multipart()
        message = json.loads(frame)
        sys.stdout.write(f"{message['market_time']} {topic.decode()} {message['body']}\n")
        sys.stdout.flush()
