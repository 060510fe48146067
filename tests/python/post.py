"""Posts by the standard library, as a script would, and tells the answer."""

import json
import urllib.error
import urllib.request

# Senders of tests talk to loopback only.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def post(url: str, headers: dict[str, str], body: bytes) -> None:
    """Prints the answer as JSON: status, body."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with OPENER.open(request, timeout=60) as answer:
            tell(answer.status, answer.read())
    except urllib.error.HTTPError as refusal:
        tell(refusal.code, refusal.read())


def tell(status: int, body: bytes) -> None:
    print(json.dumps({"status": status, "body": json.loads(body)}))
