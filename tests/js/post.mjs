// Posts as a program of Node.js does, and tells the answer.

import { text } from "node:stream/consumers";

/** Prints the answer as JSON: status, body. */
export async function post(url, headers, body) {
  const answer = await fetch(url, { method: "POST", headers, body });
  console.log(JSON.stringify({ status: answer.status, body: await answer.json() }));
}

/** What was given on standard input. */
export function input() {
  return text(process.stdin);
}
