// The server under test, on the embedded sample.
import { spawn } from "node:child_process";

/** Starts it on a port of its own; resolves to `{child, address}` once it is ready. It ends with this process. */
export async function startServer(binary, data, ...more) {
  const child = spawn(binary, ["serve", "--demo", "--data", data, "--listen", "127.0.0.1:0", ...more], { stdio: ["ignore", "pipe", "ignore"] });
  process.on("exit", () => child.kill());
  const address = await new Promise((found, failed) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
      const line = /listening on (http:\S+)/.exec(text);
      if (line) found(line[1]);
    });
    child.on("exit", (code) => failed(new Error(`the server ended with ${code}`)));
  });
  for (let i = 0; i < 600; i++) {
    if ((await fetch(address + "/readyz").catch(() => null))?.ok) return { child, address };
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("the server never became ready");
}
