// A proxy in front of an object store that fails, tears, delays or swallows requests.
import { Agent, createServer, request } from "node:http";
import { freePort } from "./support.mjs";

export const FAULTS = ["refuse", "error", "swallow", "tear", "delay"];

/** Goes between a client and the store, and does to each request what `plan` says. */
export async function startProxy(storePort) {
  const agent = new Agent({ keepAlive: true });
  const proxy = { plan: () => "pass", counts: {} };
  const server = createServer((incoming, outgoing) => {
    const fault = proxy.plan(incoming);
    proxy.counts[fault] = (proxy.counts[fault] ?? 0) + 1;
    if (fault === "refuse") return incoming.socket.destroy();
    if (fault === "error") { incoming.resume(); return outgoing.writeHead(503).end(); }
    const forward = () => {
      const { method, url: path, headers } = incoming;
      const asked = request({ port: storePort, host: "127.0.0.1", agent, method, path, headers }, (answer) => {
        if (fault === "swallow") { answer.resume(); return incoming.socket.destroy(); }
        outgoing.writeHead(answer.statusCode, answer.headers);
        if (fault !== "tear") return answer.pipe(outgoing);
        answer.once("data", (data) => { outgoing.write(data.subarray(0, data.length / 2)); setTimeout(() => incoming.socket.destroy(), 5); });
        answer.once("end", () => incoming.socket.destroy());
      });
      asked.on("error", () => incoming.socket.destroy());
      incoming.pipe(asked);
      incoming.on("error", () => asked.destroy());
    };
    return fault === "delay" ? setTimeout(forward, 700) : forward();
  });
  proxy.port = await freePort();
  server.listen(proxy.port, "127.0.0.1");
  return proxy;
}
