// Validates manifests of custom resources, an array of JSON on standard input, against the schemas of their definitions.
// Those let unknown members through (the API server prunes them), so that a misspelt one would be lost in silence: each
// member's name has to be one that the definition's package, or Kubernetes' own, knows. Prints every mistake; exits with 1 if there is any.
import { readFileSync, readdirSync } from "node:fs";

const PACKAGES = {
  "external-secrets.io": "external-secrets",
  "gateway.networking.k8s.io": "gateway-api",
  "monitoring.coreos.com": "prometheus-operator",
};
// Members below these are the user's own.
const FREE = new Set(["labels", "annotations", "matchLabels"]);

async function mistakes(manifest) {
  const [group, version] = manifest.apiVersion.split("/");
  const name = `@kubernetes-models/${PACKAGES[group]}`;
  const model = await import(`${name}/${group}/${version}/${manifest.kind}`);
  const found = unknown(manifest.spec, names([PACKAGES[group], "apimachinery"]), "spec");
  try {
    new model[manifest.kind](manifest).validate();
  } catch (error) {
    found.push(error.message);
  }
  return found.map((mistake) => `${manifest.kind}: ${mistake}`);
}

function names(folders) {
  const text = folders.flatMap(declarations).join("\n");
  return new Set([...text.matchAll(/^\s*"?(\w+)"?\??:/gm)].map((match) => match[1]));
}

function declarations(folder) {
  const root = new URL(`node_modules/@kubernetes-models/${folder}/`, import.meta.url);
  const files = readdirSync(root, { recursive: true }).filter((file) => file.endsWith(".d.ts"));
  return files.map((file) => readFileSync(new URL(file, root), "utf8"));
}

function unknown(value, known, at) {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, below]) => {
    if (Array.isArray(value)) return unknown(below, known, `${at}[${key}]`);
    if (!known.has(key)) return [`${at} has no member ${key}`];
    return FREE.has(key) ? [] : unknown(below, known, `${at}.${key}`);
  });
}

const manifests = JSON.parse(readFileSync(0, "utf8"));
const all = (await Promise.all(manifests.map(mistakes))).flat();
all.forEach((mistake) => console.log(mistake));
process.exitCode = all.length === 0 ? 0 : 1;
