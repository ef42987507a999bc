// Batches of changes over a real S3 interface that fails: node changes.mjs PATH/TO/orgsearch [--runs N] [--seed N]
//
// moto's server keeps the objects, behind a proxy that fails by a seeded plan. Each run sends batches to a server with
// --publish, kills and restarts it and its replica at random, compacts, and promotes a copy of the replica's disk to the
// writer while the one before still runs. It holds that
//   - a replica shows whole batches only, and none that it has shown disappears;
//   - what was acknowledged is on the writer and on the replica in the end, and the store is intact;
//   - once another writer has begun, the one before acknowledges nothing.
// Needs python3 with venv. Works in a throw-away folder.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FAULTS, startProxy } from "./proxy.mjs";
import { environment, freePort, metrics, pause, random, run, start, startMoto, status, succeed, until, work } from "./support.mjs";

const [binary, ...flags] = process.argv.slice(2);
if (!binary) throw new Error("usage: node changes.mjs PATH/TO/orgsearch [--runs N] [--seed N]");
const flag = (name, without) => { const at = flags.indexOf(name); return at < 0 ? without : Number(flags[at + 1]); };
const [runs, firstSeed] = [flag("--runs", 10), flag("--seed", 1)];
const KEY = "key";
const counts = { acknowledged: 0, notAcknowledged: 0, kills: 0, promotions: 0, compactions: 0 };

class Server {
  constructor(data, given, env) {
    Object.assign(this, { data, given, env: { ...env, ORGSEARCH_ADMIN_KEY: KEY } });
  }

  async start() {
    this.port = await freePort();
    this.address = `http://127.0.0.1:${this.port}`;
    const given = ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`, "--refresh-ms", "100", "--drain-notice-ms", "0", ...this.given];
    this.process = start(binary, given, { env: this.env });
    await until(`${this.data} lives`, async () => (await status(`${this.address}/livez`)).status === 200, () => this.process.said);
    return this;
  }

  async kill() {
    counts.kills += 1;
    this.process.kill("SIGKILL");
    await this.process.ended;
    assert.ok(!this.process.said.includes("panicked"), this.process.said);
  }

  async send(number) {
    const sides = ["a", "b"].map((side) => ({ op: "add", id: `${side}${number}`, name: `${side}${number}团支部` }));
    try {
      const answer = await fetch(`${this.address}/v1/admin/changes`, { method: "POST", signal: AbortSignal.timeout(60000),
        headers: { authorization: `Bearer ${KEY}` }, body: JSON.stringify({ key: `batch ${number}`, changes: sides }) });
      return { status: answer.status, body: await answer.text() };
    } catch {
      return { status: 0, body: "" };
    }
  }

  async has(id) {
    return (await status(`${this.address}/v1/orgs/${id}`)).status === 200;
  }
}

class Run {
  constructor(seed, storePort, proxy) {
    Object.assign(this, { seed, proxy, dice: random(seed), sent: 0, acknowledged: new Set(), seen: new Set(), writers: 0 });
    this.place = join(work, `run-${seed}`);
    mkdirSync(this.place);
    this.url = `s3://orgs/changes-${seed}`;
    this.env = environment(proxy.port);
    this.quiet = environment(storePort);
  }

  faults() {
    const { dice } = this;
    const share = dice.of([0.02, 0.08, 0.2]);
    this.proxy.plan = () => (dice.next() < share ? dice.of(FAULTS) : "pass");
  }

  heal() {
    this.proxy.plan = () => "pass";
  }

  newWriter(data) {
    return new Server(data, ["--publish", this.url], this.env);
  }

  async batch() {
    const number = (this.sent += 1);
    const { status: code } = await this.writer.send(number);
    if (code === 200) this.acknowledged.add(number);
    counts[code === 200 ? "acknowledged" : "notAcknowledged"] += 1;
  }

  /** What the replica shows: whole batches, and all that it has shown before. */
  async look() {
    for (let number = 1; number <= this.sent; number += 1) {
      const both = await Promise.all(["a", "b"].map((side) => this.replica.has(`${side}${number}`)));
      // The second may have come between the two requests.
      if (both[0] !== both[1]) assert.ok((await this.replica.has(`a${number}`)) && (await this.replica.has(`b${number}`)), `half of batch ${number}`);
      if (both[0]) this.seen.add(number);
      else assert.ok(!this.seen.has(number), `batch ${number} disappeared`);
    }
  }

  async promote() {
    this.heal();
    // A copy that lacks something is refused, and rightly so.
    const isLevel = async () => {
      const [writer, replica] = [await metrics(this.writer.address), await metrics(this.replica.address)];
      const { status: code, body } = await status(`${this.replica.address}/readyz`);
      return writer.orgsearch_epoch > 0 && writer.orgsearch_lag_seconds < 1 && writer.orgsearch_sequence > 0 && code === 200
        && JSON.parse(body).generation === readFileSync(join(this.writer.data, "CURRENT"), "utf8").trim()
        && ["orgsearch_sequence", "orgsearch_last_batch"].every((name) => writer[name] === replica[name]);
    };
    await until("the replica has what the writer has", isLevel, () => this.writer.process.said + this.replica.process.said);
    await this.replica.kill();
    const data = join(this.place, `writer-${(this.writers += 1)}`);
    cpSync(this.replica.data, data, { recursive: true });
    await this.replica.start();
    const before = this.writer;
    this.writer = await this.newWriter(data).start();
    await until("the new writer has an epoch", async () => (await metrics(this.writer.address)).orgsearch_epoch > 0, () => this.writer.process.said);
    const ended = await before.send(1_000_000);
    assert.equal(ended.status, 409, ended.body);
    await before.kill();
    counts.promotions += 1;
    this.faults();
  }

  async step() {
    const { dice } = this;
    switch (dice.below(7)) {
      case 0: case 1: for (let left = 1 + dice.below(4); left > 0; left -= 1) await this.batch(); break;
      case 2: {
        const killed = pause(dice.below(400)).then(() => this.writer.kill());
        for (let left = 3; left > 0; left -= 1) await this.batch();
        await killed;
        await this.writer.start();
        break;
      }
      case 3: await this.replica.kill(); await this.replica.start(); break;
      case 4: {
        const ran = await run(binary, ["compact", "--data", this.writer.data], { env: this.quiet });
        counts.compactions += ran.code === 0;
        break;
      }
      case 5: if (dice.next() < 0.5) await this.promote(); break;
      case 6: await pause(dice.below(500)); break;
    }
    await until("the replica answers", async () => (await status(`${this.replica.address}/livez`)).status === 200, () => this.replica.process.said);
    if (this.seen.size > 0 || (await status(`${this.replica.address}/readyz`)).status === 200) await this.look();
  }

  async all() {
    const data = join(this.place, "writer-0");
    cpSync(join(work, "first"), data, { recursive: true });
    this.writer = await this.newWriter(data).start();
    this.replica = await new Server(join(this.place, "replica"), ["--follow", this.url], this.env).start();
    this.faults();
    for (let left = 6 + this.dice.below(6); left > 0; left -= 1) await this.step();
    this.heal();
    await this.writer.kill();
    await this.writer.start();
    await until("a last batch is acknowledged", async () => { await this.batch(); return this.acknowledged.has(this.sent); }, () => this.writer.process.said);
    await until("the replica has it", () => this.replica.has(`b${this.sent}`), () => this.replica.process.said);
    await this.look();
    for (const number of this.acknowledged) {
      for (const [name, server] of [["the writer", this.writer], ["the replica", this.replica]]) {
        assert.ok(await server.has(`a${number}`) && await server.has(`b${number}`), `batch ${number} is lost on ${name}`);
      }
    }
    // Whatever had no answer can be sent again, and is made once.
    for (let number = 1; number <= this.sent; number += 1) {
      const { status: code, body } = await this.writer.send(number);
      assert.equal(code, 200, body);
    }
    await until("the replica has all", () => this.replica.has(`b${this.sent}`));
    await this.writer.kill();
    await this.replica.kill();
    const verified = await succeed(binary, ["store", "verify", "--at", this.url, "--json"], { env: this.quiet });
    assert.deepEqual(JSON.parse(verified).faults, []);
    rmSync(this.place, { recursive: true });
  }
}

const storePort = await startMoto();
const proxy = await startProxy(storePort);
const tree = join(work, "tree.csv");
await succeed(binary, ["generate", "--orgs", "300", "--seed", "18", "--to", tree]);
await succeed(binary, ["reindex", "--data", join(work, "first"), "--from", tree]);
let passed = 0, failed = 0;
for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
  const began = Date.now();
  const one = new Run(seed, storePort, proxy);
  try {
    await one.all();
    passed += 1;
    console.log(`ok      seed ${seed}, ${one.acknowledged.size} of ${one.sent} batches acknowledged, ${Date.now() - began} ms`);
  } catch (error) {
    failed += 1;
    for (const server of [one.writer, one.replica]) server?.process?.kill("SIGKILL");
    console.log(`FAILED  seed ${seed}\n        ${error.stack}`);
  }
}
console.log(Object.entries(counts).map(([what, count]) => `${what} ${count}`).join(", "));
console.log(`requests: ${Object.entries(proxy.counts).map(([what, count]) => `${count} ${what}`).join(", ")}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
