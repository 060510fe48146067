"""Posts events by the CloudEvents SDK: cloud_events.py URL structured|binary|batch

Standard input is an array of events, each with its attributes and `data`; one of them, but for a batch. The API key is
in KEY. Prints the answer as JSON: status, body.
"""

import json
import os
import sys
from datetime import datetime

from cloudevents.core.bindings.http import HTTPMessage, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from post import post


def main() -> None:
    url, mode = sys.argv[1], sys.argv[2]
    message = MODES[mode]([event(members) for members in json.load(sys.stdin)])
    post(url, {**message.headers, "authorization": f"Bearer {os.environ['KEY']}", "prefer": "wait=20"}, message.body)


def event(members: dict) -> CloudEvent:
    data = members.pop("data")
    time = datetime.fromisoformat(members.pop("time"))
    return CloudEvent(attributes={**members, "time": time, "datacontenttype": "application/json"}, data=data)


def structured(events: list[CloudEvent]) -> HTTPMessage:
    (one,) = events
    return to_structured(one, JSONFormat())


def binary(events: list[CloudEvent]) -> HTTPMessage:
    (one,) = events
    return to_binary(one, JSONFormat())


def batch(events: list[CloudEvent]) -> HTTPMessage:
    """The SDK writes the events; the array and its media type are the specification's, which the SDK lacks."""
    written = b",".join(JSONFormat().write(one) for one in events)
    return HTTPMessage({"content-type": "application/cloudevents-batch+json"}, b"[" + written + b"]")


MODES = {"structured": structured, "binary": binary, "batch": batch}

main()
