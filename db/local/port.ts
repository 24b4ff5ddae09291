import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { Refusal } from "../errors.ts";

const loopback = "127.0.0.1";

/** The port to use: the one asked for, else the one of the last run, else any free one, which is remembered. */
export async function choosePort(home: string, asked?: number): Promise<number> {
  if (asked !== undefined) {
    if (await isFree(asked)) return asked;
    throw new Refusal("conflict", `Port ${asked} is taken by another program.`, {
      fix: "Stop that program or choose another port.",
    });
  }
  const file = join(home, "port");
  const last = Number(await readFile(file, "utf8").catch(() => "0"));
  if (last > 0 && (await isFree(last))) return last;
  const port = await anyFreePort();
  await writeFile(file, String(port), { mode: 0o600 });
  return port;
}

/** The first port at or after `from` that is free at this address of the machine. */
export async function freePortFrom(from: number, host = loopback): Promise<number> {
  for (let port = from; port < from + 100; port += 1) if (await isFree(port, host)) return port;
  throw new Refusal("conflict", `The ports ${from} to ${from + 99} are all taken.`, {
    fix: "Choose another with --port.",
  });
}

/** One that nobody listens on now, chosen by the system, so that two who ask at once hardly get the same. */
export function anyFreePort(): Promise<number> {
  return listenOn(0, loopback);
}

async function isFree(port: number, host = loopback): Promise<boolean> {
  try {
    await listenOn(port, host);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE" || code === "EACCES") return false;
    if (code !== "EADDRNOTAVAIL" && code !== "ENOTFOUND") throw error;
    throw new Refusal("invalid", `This machine has no address ${host}.`, {
      fix: "Choose one of its own with --host, or 0.0.0.0 for all of them.",
      cause: error,
    });
  }
}

function listenOn(port: number, host: string): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : port));
    });
  });
}
