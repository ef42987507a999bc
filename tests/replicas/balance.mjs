// Three replicas behind HAProxy under load: node balance.mjs PATH/TO/orgsearch [--orgs N] [--rate N] [--seconds N] [--new-binary PATH]
//
// While searches go on at a steady rate, replicas are killed and started again, stopped in order one by one (as for a new
// binary), and a new generation is published. Not one request may fail, as the client sees it. Needs haproxy.
import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, metrics, pause, start, status, succeed, until, work } from "./support.mjs";

const [binary, ...flags] = process.argv.slice(2);
if (!binary) throw new Error("usage: node balance.mjs PATH/TO/orgsearch [--orgs N] [--rate N] [--seconds N] [--new-binary PATH]");
const flag = (name, without) => { const at = flags.indexOf(name); return at < 0 ? without : flags[at + 1]; };
const [orgs, rate, seconds] = [Number(flag("--orgs", 5000)), Number(flag("--rate", 150)), Number(flag("--seconds", 40))];
const newBinary = flag("--new-binary", binary);

const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ORGSEARCH_")));
const store = `file://${join(work, "store")}`;
const data = join(work, "writer");

async function publish(seed) {
  const tree = join(work, "tree.csv");
  await succeed(binary, ["generate", "--orgs", String(orgs), "--seed", String(seed), "--to", tree], { env: environment });
  await succeed(binary, ["reindex", "--data", data, "--from", tree, "--force"], { env: environment });
  return JSON.parse(await succeed(binary, ["publish", "--data", data, "--to", store, "--json"], { env: environment })).published[0];
}

class Replica {
  constructor(name, port) {
    Object.assign(this, { name, port, address: `http://127.0.0.1:${port}` });
  }

  async start(program) {
    const given = ["serve", "--data", join(work, this.name), "--follow", store, "--listen", `127.0.0.1:${this.port}`, "--refresh-ms", "200",
      "--drain-notice-ms", "1000", "--log", "warn"];
    this.server = start(program, given, { env: environment });
    await until(`${this.name} is ready`, async () => (await status(`${this.address}/readyz`)).status === 200, () => this.server.said);
    // As an orchestrator would: the balancer has to see it before the next one goes.
    await pause(1500);
  }

  async end(signal) {
    this.server.kill(signal);
    await this.server.ended;
  }
}

/** Asks at a steady rate, whether or not answers have come. */
class Load {
  constructor(address) {
    Object.assign(this, { address, agent: new Agent({ keepAlive: true, maxSockets: 256 }), sent: 0, done: 0, failed: [], times: [], going: true });
  }

  ask() {
    const query = ["北京大学", "第一中学团委", "beijing daxue", "24级1班", "团支部", "计算机"][this.sent % 6];
    const [began, number] = [performance.now(), this.sent += 1];
    const path = `${number % 3 ? "/v1/autocomplete" : "/v1/search"}?q=${encodeURIComponent(query)}`;
    const finish = (fault) => {
      this.done += 1;
      this.times.push(performance.now() - began);
      if (fault) this.failed.push(`${path}: ${fault}`);
    };
    const asked = get(this.address + path, { agent: this.agent, timeout: 10000 }, (answer) => {
      let body = "";
      answer.on("data", (piece) => { body += piece; });
      answer.on("error", (error) => finish(error.message));
      answer.on("end", () => finish(answer.statusCode === 200 && body.includes('"hits"') ? null : `${answer.statusCode} ${body.slice(0, 200)}`));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in 10 s")));
    asked.on("error", (error) => finish(error.message));
  }

  async run() {
    const began = performance.now();
    while (this.going) {
      const due = Math.floor((performance.now() - began) * rate / 1000);
      while (this.sent < due) this.ask();
      await pause(2);
    }
    await until("all answers came", async () => this.done === this.sent);
    this.took = (performance.now() - began) / 1000;
  }
}

const first = await publish(1);
const replicas = [];
for (const name of ["a", "b", "c"]) replicas.push(new Replica(name, await freePort()));
await Promise.all(replicas.map((replica) => replica.start(binary)));
const front = await freePort();
const configuration = fileURLToPath(new URL("../../deploy/haproxy.cfg", import.meta.url));
const balancer = start("haproxy", ["-db", "-f", configuration], { env: { ...environment, ORGSEARCH_FRONT: `127.0.0.1:${front}`,
  ...Object.fromEntries(replicas.map((replica) => [`ORGSEARCH_${replica.name.toUpperCase()}`, `127.0.0.1:${replica.port}`])) } });
await until("haproxy answers", async () => (await status(`http://127.0.0.1:${front}/readyz`)).status === 200, () => balancer.said);

const load = new Load(`http://127.0.0.1:${front}`);
const loaded = load.run();
const began = Date.now();
await pause(1000);
console.log("kill one, start it again");
await replicas[0].end("SIGKILL");
await pause(1000);
await replicas[0].start(binary);
console.log("publish a new generation");
const second = await publish(2);
for (const replica of replicas) {
  await until(`${replica.name} serves it`, async () => (await metrics(replica.address)).orgsearch_sequence >= second.sequence, () => replica.server.said);
}
console.log("roll to a new binary, one by one");
for (const replica of replicas) {
  await replica.end("SIGTERM");
  await replica.start(newBinary);
}
console.log("kill one after another");
while (Date.now() - began < seconds * 1000) {
  for (const replica of replicas.slice(1)) {
    await replica.end("SIGKILL");
    await replica.start(newBinary);
  }
}
load.going = false;
await loaded;

assert.notEqual(first.generation, second.generation);
const served = await status(`http://127.0.0.1:${front}/v1/search?q=${encodeURIComponent("北京")}`);
assert.equal(JSON.parse(served.body).generation, second.generation);
load.times.sort((a, b) => a - b);
const percentile = (share) => load.times[Math.floor(load.times.length * share)].toFixed(1);
console.log(`${load.sent} requests in ${load.took.toFixed(1)} s, median ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms, most ${load.times.at(-1).toFixed(0)} ms`);
for (const fault of load.failed.slice(0, 10)) console.log(`        ${fault}`);
console.log(`${load.sent - load.failed.length} passed, ${load.failed.length} failed`);
process.exit(load.failed.length === 0 ? 0 : 1);
