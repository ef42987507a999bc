// Writers and replicas over a real S3 interface that fails: node store.mjs PATH/TO/orgsearch [--runs N] [--seed N]
//
// moto's server keeps the objects. A proxy in front of it fails, tears, delays or swallows requests by a seeded plan.
// Each run publishes, follows, kills and restarts at random, and holds that
//   - a replica serves whole generations only (its checksums are read after every kill), and never goes back;
//   - what a publish acknowledged is served in the end, and the store is intact;
//   - of two writers at once at most one publishes without the other one's end.
// Needs python3 with venv. Works in a throw-away folder.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FAULTS, startProxy } from "./proxy.mjs";
import { environment, freePort, metrics, pause, random, run, start, startMoto, status, succeed, until, work } from "./support.mjs";

const [binary, ...flags] = process.argv.slice(2);
if (!binary) throw new Error("usage: node store.mjs PATH/TO/orgsearch [--runs N] [--seed N]");
const flag = (name, without) => { const at = flags.indexOf(name); return at < 0 ? without : Number(flags[at + 1]); };
const [runs, firstSeed] = [flag("--runs", 20), flag("--seed", 1)];
const SIZES = [300, 420, 540, 660];

/** The data directory of a writer after each of a few reindexes, once for all runs. */
async function buildStages() {
  const data = join(work, "writer");
  for (const [at, orgs] of SIZES.entries()) {
    const tree = join(work, "tree.csv");
    await succeed(binary, ["generate", "--orgs", String(orgs), "--seed", "18", "--to", tree]);
    await succeed(binary, ["reindex", "--data", data, "--from", tree, "--force"]);
    cpSync(data, join(work, `stage-${at}`), { recursive: true });
  }
}

class Run {
  constructor(seed, ports, proxy) {
    Object.assign(this, { seed, proxy, dice: random(seed), acknowledged: -1, served: 0, sequence: 0 });
    this.place = join(work, `run-${seed}`);
    mkdirSync(this.place);
    this.cache = join(this.place, "replica");
    this.url = `s3://orgs/run-${seed}`;
    this.env = environment;
    this.ports = ports;
  }

  /** One request in a few goes wrong, each in one way. */
  faults() {
    const { dice } = this;
    const share = dice.of([0.03, 0.1, 0.25]);
    this.proxy.plan = () => (dice.next() < share ? dice.of(FAULTS) : "pass");
  }

  heal() {
    this.proxy.plan = () => "pass";
  }

  /** Publishes what the writer had at a stage; perhaps kills it. */
  async publish(stage, killAfter) {
    const options = { env: this.env(this.proxy.port), timeout: 60000, killSignal: "SIGKILL" };
    if (killAfter !== undefined) options.started = (child) => setTimeout(() => child.kill("SIGKILL"), killAfter);
    const ran = await run(binary, ["publish", "--data", join(work, `stage-${stage}`), "--to", this.url, "--json"], options);
    if (ran.code === 0) this.acknowledged = Math.max(this.acknowledged, stage);
    assert.ok(!ran.stderr.includes("panicked"), ran.stderr);
    return ran;
  }

  async startReplica() {
    this.port = await freePort();
    const given = ["serve", "--data", this.cache, "--follow", this.url, "--listen", `127.0.0.1:${this.port}`, "--refresh-ms", "100", "--drain-notice-ms", "0"];
    this.replica = start(binary, given, { env: this.env(this.proxy.port) });
    await until("the replica lives", async () => (await status(`${this.address}/livez`)).status === 200, () => this.replica.said);
  }

  get address() {
    return `http://127.0.0.1:${this.port}`;
  }

  async killReplica() {
    this.replica.kill("SIGKILL");
    await this.replica.ended;
    assert.ok(!this.replica.said.includes("panicked"), this.replica.said);
    const ran = await run(binary, ["status", "--data", this.cache, "--verify", "--json"], { env: this.env(0) });
    if (ran.code !== 0) {
      assert.match(ran.stderr, /holds no generation/, "what is on the disk is whole, or nothing is there");
      assert.equal(this.served, 0, "what was served is gone");
      return;
    }
    const { live, generations } = JSON.parse(ran.stdout);
    this.see(generations.find((one) => one.name === live).orgs, "on the disk");
  }

  see(orgs, where) {
    assert.ok(orgs === 0 || SIZES.includes(orgs), `${orgs} organizations are no generation, ${where}`);
    assert.ok(orgs >= this.served, `it went back from ${this.served} to ${orgs}, ${where}`);
    this.served = orgs;
  }

  async look() {
    const found = await metrics(this.address);
    if (found.orgsearch_generation_orgs === undefined) return;
    this.see(found.orgsearch_generation_orgs, "served");
  }

  async step(stage) {
    const { dice } = this;
    switch (dice.below(5)) {
      case 0: await this.publish(stage); break;
      case 1: await this.publish(stage, 30 + dice.below(900)); break;
      case 2: {
        // Two writers of different stages: whichever is later in the log counts.
        const both = [this.publish(stage), this.publish(stage)];
        await Promise.all(both);
        break;
      }
      case 3: await pause(dice.below(800)); break;
      case 4: {
        await this.killReplica();
        await this.startReplica();
        break;
      }
    }
    await this.look();
  }

  async all() {
    this.faults();
    await this.startReplica();
    for (let stage = 0; stage < SIZES.length; stage += this.dice.below(2)) {
      await this.step(stage);
      if (this.dice.next() < 0.15) break;
    }
    this.heal();
    // A writer that has an earlier name than the newest is refused; the last stage is the newest of all.
    const last = await this.publish(SIZES.length - 1);
    assert.equal(last.code, 0, last.stderr);
    await until("the replica serves the last generation", async () => {
      await this.look();
      return this.served === SIZES.at(-1);
    }, () => this.replica.said);
    await this.killReplica();
    assert.equal(this.served, SIZES.at(-1));
    await this.startReplica();
    await until("it knows what it serves", async () => (await metrics(this.address)).orgsearch_sequence > 0, () => this.replica.said);
    await this.killReplica();
    const verified = await succeed(binary, ["store", "verify", "--at", this.url, "--json"], { env: this.env(this.proxy.port) });
    assert.deepEqual(JSON.parse(verified).faults, []);
    rmSync(this.place, { recursive: true });
  }
}

const storePort = await startMoto();
const proxy = await startProxy(storePort);
await buildStages();
let passed = 0, failed = 0;
for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
  const began = Date.now();
  try {
    await new Run(seed, { storePort }, proxy).all();
    passed += 1;
    console.log(`ok      seed ${seed}, ${Date.now() - began} ms`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  seed ${seed}\n        ${error.stack}`);
  }
}
console.log(`requests: ${Object.entries(proxy.counts).map(([what, count]) => `${count} ${what}`).join(", ")}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
