"""What a subscriber does with a message, by the specification's own library: verify.py

Standard input is JSON: headers, body (as text). The secret is in SECRET. Prints JSON: status (200, or 401 if the message
is not what it says) and body, what the library gives of it.
"""

import json
import os
import sys

from standardwebhooks import Webhook, WebhookVerificationError

message = json.load(sys.stdin)
try:
    body = Webhook(os.environ["SECRET"]).verify(message["body"], message["headers"])
    print(json.dumps({"status": 200, "body": body}))
except WebhookVerificationError:
    print(json.dumps({"status": 401, "body": None}))
