// What a subscriber does with a message, by the specification's own library: verify.mjs
// Standard input is JSON: headers, body (as text). The secret is in SECRET. Prints JSON: status (200, or 401 if the
// message is not what it says) and body, what the library gives of it.

import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { input } from "./post.mjs";

const { headers, body } = JSON.parse(await input());
try {
  const read = new Webhook(process.env.SECRET).verify(body, headers);
  console.log(JSON.stringify({ status: 200, body: read }));
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  console.log(JSON.stringify({ status: 401, body: null }));
}
