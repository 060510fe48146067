"""Posts the body on standard input, signed by the specification's own library: standard_webhooks.py URL AGE_S

The secret is in SECRET. Prints the answer as JSON: status, body.
"""

import os
import sys
import uuid
from datetime import datetime, timedelta

from standardwebhooks import Webhook

from post import post


def main() -> None:
    url, age_s = sys.argv[1], int(sys.argv[2])
    body = sys.stdin.buffer.read()
    event_id = f"msg_{uuid.uuid4().hex}"
    # The library takes a time without a zone for one of UTC.
    at = datetime.utcnow() - timedelta(seconds=age_s)
    second = int((at - datetime(1970, 1, 1)).total_seconds())
    post(
        url,
        {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(second),
            "webhook-signature": Webhook(os.environ["SECRET"]).sign(event_id, at, body.decode()),
        },
        body,
    )


main()
