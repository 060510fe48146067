// Posts the body on standard input, signed by Node.js's own cryptography: public-key.mjs URL AGE_S LIST
// The private keys (Ed25519, 32 bytes in hexadecimal, separated by spaces) are in SEEDS. LIST is the header of signatures,
// in which each digit that stands alone after a comma, or alone, is the signature by the key of that number. Prints the
// answer as JSON: status, body.

import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { input, post } from "./post.mjs";

// What stands before the 32 bytes in PKCS #8 (RFC 8410, 7).
const PKCS8 = "302e020100300506032b657004220420";

const [url, age, list] = process.argv.slice(2);
const body = await input();
const id = `msg_${randomUUID()}`;
const second = Math.floor(Date.now() / 1000) - Number(age);
const signatures = process.env.SEEDS.split(" ").map((seed) => {
  const key = createPrivateKey({ key: Buffer.from(PKCS8 + seed, "hex"), format: "der", type: "pkcs8" });
  return sign(null, Buffer.from(`${id}.${second}.${body}`), key).toString("base64");
});

await post(
  url,
  {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(second),
    "webhook-signature": list.replace(/(?<=^|,)\d(?= |$)/g, (number) => signatures[Number(number)]),
  },
  body,
);
