// Posts events by the CloudEvents SDK: cloud-events.mjs URL structured|binary|batch
// Standard input is an array of events, each with its attributes and `data`; one of them, but for a batch. The API key
// is in KEY. Prints the answer as JSON: status, body.

import { CloudEvent, HTTP } from "cloudevents";
import { input, post } from "./post.mjs";

const modes = {
  structured: ([event]) => HTTP.structured(event),
  binary: ([event]) => HTTP.binary(event),
  // The SDK writes the events; the array and its media type are the specification's, which the SDK only reads.
  batch: (events) => ({
    headers: { "content-type": "application/cloudevents-batch+json" },
    body: `[${events.map((event) => event.toString()).join(",")}]`,
  }),
};

const [url, mode] = process.argv.slice(2);
const events = JSON.parse(await input()).map((members) => new CloudEvent(members));
const { headers, body } = modes[mode](events);
await post(url, { ...headers, authorization: `Bearer ${process.env.KEY}`, prefer: "wait=20" }, body);
