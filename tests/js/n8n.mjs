// One run through an n8n workflow's nodes without n8n: n8n.mjs WORKFLOW TYPE URL RUN
// Standard input is the ticket that the trigger is given, HMAC_SECRET the secret of the Crypto node's credential, RUN the
// number of tries before. The request that the workflow describes is posted, to URL in place of its own.
// Prints JSON: status (0 if nobody answered) and body, with `answer` (what the trigger's caller is told), `next` (the
// output that the Switch takes) and `wait_s` (what the Wait node would wait).

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import vm from "node:vm";
import { input } from "./post.mjs";

const [file, type, url, run] = process.argv.slice(2);
const workflow = JSON.parse(readFileSync(file, "utf8"));
const seen = {};

// What each kind of node does with an item, by type and version: one that is not here fails.
const kinds = {
  "n8n-nodes-base.webhook@2": (parameters, item) => item,
  "n8n-nodes-base.set@3.4": (parameters) =>
    Object.fromEntries(parameters.assignments.assignments.map(({ name, value }) => [name, value])),
  "n8n-nodes-base.crypto@2": (parameters, item) => {
    const hmac = createHmac(parameters.type, process.env.HMAC_SECRET).update(parameters.value);
    return { ...item, [parameters.dataPropertyName]: hmac.digest(parameters.encoding) };
  },
  "n8n-nodes-base.httpRequest@4.2": request,
};

/** Full response, never an error for its status, of whichever format: the options that the workflow must have. */
async function request({ method, body, rawContentType, headerParameters, options }) {
  const { fullResponse, neverError, responseFormat } = options.response.response;
  if (!fullResponse || !neverError || responseFormat) throw new Error("another form of answer");
  const headers = Object.fromEntries(headerParameters.parameters.map(({ name, value }) => [name, String(value)]));
  try {
    const answer = await fetch(url, { method, body, headers: { "content-type": rawContentType, ...headers } });
    return { ...(await content(answer)), headers: Object.fromEntries(answer.headers), statusCode: answer.status };
  } catch (error) {
    return { error: { message: String(error) } };
  }
}

/** The node reads application/json alone; what is of another type, problem documents too, is text. */
async function content(answer) {
  const json = answer.headers.get("content-type").includes("application/json");
  return json ? { body: await answer.json() } : { data: await answer.text() };
}

/** A parameter that begins with = is a template of JavaScript; one that is a single expression keeps its type. */
function evaluated(parameter, item) {
  if (Array.isArray(parameter)) return parameter.map((one) => evaluated(one, item));
  if (parameter && typeof parameter === "object") {
    return Object.fromEntries(Object.entries(parameter).map(([name, one]) => [name, evaluated(one, item)]));
  }
  if (typeof parameter !== "string" || !parameter.startsWith("=")) return parameter;
  const $ = (name) => ({ first: () => ({ json: seen[name] }) });
  const scope = { $json: item, $, $runIndex: Number(run) };
  const whole = /^=\{\{((?:(?!\}\}).)*)\}\}$/s.exec(parameter);
  if (whole) return vm.runInNewContext(`(${whole[1]})`, scope);
  return parameter.slice(1).replace(/\{\{(.*?)\}\}/gs, (_, code) => vm.runInNewContext(`(${code})`, scope));
}

const named = (name) => workflow.nodes.find((node) => node.name === name);
let node = workflow.nodes.find((one) => one.type === "n8n-nodes-base.webhook");
let item = { query: { type }, body: JSON.parse(await input()) };
while (node.type !== "n8n-nodes-base.switch") {
  const kind = kinds[`${node.type}@${node.typeVersion}`];
  item = seen[node.name] = await kind(evaluated(node.parameters, item), item);
  node = named(workflow.connections[node.name].main[0][0].node);
}

const rules = node.parameters.rules.values;
const met = rules.find((rule) => evaluated(rule.conditions.conditions[0].leftValue, item) === true);
const wait = workflow.nodes.find((one) => one.type === "n8n-nodes-base.wait");
const reply = workflow.nodes.find((one) => one.type === "n8n-nodes-base.respondToWebhook");
const body = {
  answer: JSON.parse(evaluated(reply.parameters.responseBody, item)),
  next: met?.outputKey ?? node.parameters.options.renameFallbackOutput,
  wait_s: evaluated(wait.parameters.amount, item),
};
console.log(JSON.stringify({ status: item.statusCode ?? 0, body }));
