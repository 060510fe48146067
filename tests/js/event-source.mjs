// A page of another origin in a real browser that listens to a stream: event-source.mjs PAGE STREAM
// Prints a line of JSON for each thing that the page sees, until standard input ends: kind, id, data.

import { chromium } from "playwright-core";

const [page, stream] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Containers give no room for one sandbox in another; the page is ours.
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
const tab = await browser.newPage();
await tab.exposeFunction("tell", (seen) => console.log(JSON.stringify(seen)));
await tab.goto(page);
await tab.evaluate((stream) => {
  const source = new EventSource(stream);
  const told = (kind) => (event) =>
    tell({ kind, id: event.lastEventId ?? "", data: JSON.parse(event.data ?? "null"), state: source.readyState });
  for (const kind of ["open", "error", "ticketview", "reset"]) source.addEventListener(kind, told(kind));
}, stream);

for await (const _ of process.stdin);
await browser.close();
