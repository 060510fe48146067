// Posts the body on standard input, signed by the specification's own library: standard-webhooks.mjs URL AGE_S
// The secret is in SECRET. Prints the answer as JSON: status, body.

import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { input, post } from "./post.mjs";

const [url, age] = process.argv.slice(2);
const body = await input();
const id = `msg_${randomUUID()}`;
const at = new Date(Date.now() - Number(age) * 1000);

await post(
  url,
  {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(process.env.SECRET).sign(id, at, body),
  },
  body,
);
