// What the tests of replicas share: a random sequence from a seed, commands and servers on ports of their own.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A throw-away folder; removed at the end, together with every process that was started here. */
export const work = mkdtempSync(join(tmpdir(), "orgsearch-replicas-"));
const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** Numbers from a seed, the same everywhere (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (most) => Math.floor(next() * most), of: (list) => list[Math.floor(next() * list.length)] };
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A port that is free now. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a program that runs until it is killed. */
export function start(program, given, options = {}) {
  const child = spawn(program, given, { stdio: ["ignore", "ignore", "pipe"], ...options });
  child.said = "";
  child.stderr.on("data", (data) => { child.said = (child.said + data).slice(-20000); });
  child.ended = once(child, "exit").then(([code, signal]) => { children.delete(child); return { code, signal }; });
  children.add(child);
  return child;
}

/** Runs a program to its end. */
export function run(program, given, options = {}) {
  return new Promise((resolve) => {
    const child = execFile(program, given, { encoding: "utf8", maxBuffer: 1 << 26, ...options }, (error, stdout, stderr) => {
      children.delete(child);
      resolve({ code: error ? error.code ?? 128 : 0, stdout, stderr });
    });
    children.add(child);
    options.started?.(child);
  });
}

export async function succeed(program, given, options) {
  const ran = await run(program, given, options);
  assert.equal(ran.code, 0, `${program} ${given.join(" ")}: ${ran.stdout}\n${ran.stderr}`);
  return ran.stdout;
}

/** Waits until something is so; fails with what `why` says. */
export async function until(what, is, why = () => "", seconds = 60) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(50)) {
    if (await is()) return;
  }
  assert.fail(`${what}: not within ${seconds} s\n${why()}`);
}

/** The environment of a program, with a store at a port of this machine and none of our own settings. */
export function environment(storePort) {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS|ORGSEARCH)_/.test(name));
  return { ...Object.fromEntries(own), AWS_ENDPOINT: `http://127.0.0.1:${storePort}`, AWS_ALLOW_HTTP: "true",
    AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", ORGSEARCH_LOG: "warn" };
}

/** moto's server with the bucket orgs; gives its port. Needs python3 with venv. */
export async function startMoto() {
  await succeed("python3", ["-m", "venv", join(work, "venv")]);
  const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
  await succeed(join(work, "venv/bin/pip"), ["install", "--quiet", "--requirement", requirements]);
  const port = await freePort();
  const server = start(join(work, "venv/bin/moto_server"), ["-H", "127.0.0.1", "-p", String(port)]);
  await until("moto answers", async () => (await status(`http://127.0.0.1:${port}/moto-api/`)).status > 0, () => server.said);
  const made = await fetch(`http://127.0.0.1:${port}/orgs`, { method: "PUT" });
  assert.equal(made.status, 200);
  return port;
}

export async function status(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 0, body: "" };
  }
}

/** The gauges of a server without labels, by name. */
export async function metrics(address) {
  const { body } = await status(`${address}/metrics`);
  const lines = body.split("\n").filter((line) => line && !line.startsWith("#") && !line.includes("{"));
  return Object.fromEntries(lines.map((line) => { const [name, value] = line.split(" "); return [name, Number(value)]; }));
}
