"""Tries the contract on a running service: schemathesis makes up requests by /openapi.json and checks each answer.

The sandbox and the service are started from the program given, on free ports, furnished with events and views in every state, and
ended with this process.
"""

import argparse
import base64
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent
KEY = "key-of-the-contract-test-with-every-scope"
# Sandbox and service talk over loopback only.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# Operations that take an event.
TAKE_EVENTS = ["sendEvents", "previewEvent"]
# Longest wait for a start, or for an event to settle.
PATIENCE_S = 120
# Longest wait for one run of schemathesis, short and long: many times what it takes.
RUN_S, LONG_RUN_S = 600, 4 * 3600


def main() -> int:
    # Ended from outside, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    arguments = read_arguments()
    with tempfile.TemporaryDirectory() as folder:
        sandbox, vendors = start_sandbox(arguments.program)
        service, url = None, None
        try:
            service, url = start_service(arguments.program, pathlib.Path(folder), vendors["bangwo8"])
            furnish(url, vendors["bangwo8"])
            status = run(url, arguments)
            ask(f"{url}/readyz")
            return status
        finally:
            for child in filter(None, [service, sandbox]):
                child.terminate()
                child.wait(PATIENCE_S)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the deskbridge to try")
    parser.add_argument("--long", action="store_true", help="many more requests, from another seed each time")
    parser.add_argument("rest", nargs="*", help="further arguments of schemathesis")
    arguments, unknown = parser.parse_known_args()
    arguments.rest += unknown
    return arguments


def start_sandbox(program: str) -> tuple[subprocess.Popen, dict]:
    any_port = "127.0.0.1:0"
    command = [program, "sandbox", "--with-parent", "--bangwo8-listen", any_port, "--udesk-listen", any_port]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return child, json.loads(child.stdout.readline())


def start_service(program: str, folder: pathlib.Path, bangwo8: str) -> tuple[subprocess.Popen, str]:
    secrets = {
        "key": KEY,
        "signing": "whsec_" + base64.b64encode(b"contract " * 4).decode(),
        "bangwo8-id": "sandbox-client",
        "bangwo8-secret": "sandbox-client-secret",
        "deskbridge.yaml": (HERE / "deskbridge.yaml").read_text().replace("BANGWO8", bangwo8),
    }
    for name, text in secrets.items():
        (folder / name).write_text(text)
    port = free_port()
    # The messages to the subscriber go to this machine, where nobody listens.
    command = [program, "serve", "--with-parent", "--log", "error", "--listen", f"127.0.0.1:{port}"]
    command += ["--config", str(folder / "deskbridge.yaml"), "--store", f"sqlite:{folder / 'deskbridge.db'}"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | {"DESKBRIDGE_WEBHOOK_ALLOW": "127.0.0.0/8"})
    url = f"http://127.0.0.1:{port}"
    until(lambda: ask(f"{url}/readyz"), "the service is not ready")
    return child, url


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def furnish(url: str, bangwo8: str) -> None:
    """Events of every end, and views that were read."""
    events = f"{url}/v1/connections/acme/events"
    send(events, ticket(1, "delivered", 状态="开启"))
    until(lambda: status(events, "delivered") == "delivered", "no event was delivered")
    send(events, ticket(2, "parked", 状态="外星"))
    send(events, ticket(2, "behind", 状态="开启"))
    fault = {"method": "POST", "path": "/api/v1/tickets", "times": 1, "fault": {"status": 422, "body": "{}"}}
    ask(f"{bangwo8}/_sandbox/faults", fault)
    send(events, ticket(3, "failing", 状态="开启"))
    until(lambda: status(events, "failing") == "dead", "no event is dead")
    until(lambda: status(events, "parked") == "parked", "no event was parked")
    views = f"{url}/v1/connections/acme/ticketviews"
    until(lambda: ask(views)["count"], "no ticket view was read")


def ticket(number: int, name: str, 状态: str) -> dict:
    data = {"id": number, "subject": f"打印机离线 {number}", "content": "三楼", "status": 状态, "priority": "标准"}
    return {"id": f"{name}-{number}", "type": "ticket.created", "data": data | {"agent_id": 1}}


def send(events: str, event: dict) -> None:
    assert ask(events, event)["status"] == "accepted", event


def status(events: str, prefix: str) -> str:
    found = [event for event in ask(events)["events"] if event["id"].startswith(prefix)]
    return found[0]["status"]


def ask(address: str, body: dict | None = None) -> dict | None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with OPENER.open(urllib.request.Request(address, data=data, headers=headers), timeout=PATIENCE_S) as answer:
        return json.loads(answer.read())


def until(happens, otherwise: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if happens():
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.1)
    raise SystemExit(otherwise)


def run(url: str, arguments: argparse.Namespace) -> int:
    """All operations; those that take an event apart, for there is no end of what an event can be: each for a time of its own."""
    examples = ["--max-examples", "200"] if arguments.long else ["--max-examples", "3", "--seed", "20261122"]
    apart = [option for name in TAKE_EVENTS for option in ("--exclude-operation-id", name)]
    # What a link brings takes the place of what was made wrong on purpose, which is then taken and told as a failure now and
    # then: for a person to look at, in the long form.
    phases = "examples,coverage,fuzzing,stateful" if arguments.long else "examples,coverage,fuzzing"
    passes = [[*apart, *examples, "--phases", phases]]
    seconds = "900" if arguments.long else "25"
    passes += [
        ["--include-operation-id", name, "--max-time", seconds, *examples, "--phases", "examples,coverage,fuzzing"]
        for name in TAKE_EVENTS
    ]
    longest_s = LONG_RUN_S if arguments.long else RUN_S
    # All of them, whatever the first ones found; one that was ended by a signal has a negative status.
    statuses = [try_contract(url, [*options, *arguments.rest], longest_s) for options in passes]
    return 1 if any(statuses) else 0


def try_contract(url: str, options: list[str], longest_s: int) -> int:
    program = pathlib.Path(sys.executable).parent / "schemathesis"
    command = [program, "--config-file", HERE / "schemathesis.toml", "run", f"{url}/openapi.json"]
    command += ["--checks", "all", "--continue-on-failure", *options]
    environment = os.environ | {"DESKBRIDGE_KEY": KEY, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    # A folder of its own, for what it keeps between runs.
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(command, env=environment, cwd=folder)
        try:
            return child.wait(longest_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            print(f"schemathesis has not ended within {longest_s} s: {' '.join(options)}", file=sys.stderr)
            return 1
        finally:
            child.terminate()


if __name__ == "__main__":
    sys.exit(main())
