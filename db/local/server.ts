import { spawn } from "node:child_process";
import { open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Account } from "./account.ts";
import { explain, lingers } from "./explain.ts";
import { serverEnvironment } from "./initialise.ts";
import { endServer } from "./orphan.ts";
import type { Settings } from "./settings.ts";

interface Launch {
  directory: string;
  account: Account | null;
  home: string;
  data: string;
  port: number;
  settings: Settings;
  log: string;
  url: string;
  signal: AbortSignal;
}

interface Server {
  pid: number;
  exited: Promise<void>;
  hasExited(): boolean;
}

const readyMsMax = 300_000; // recovery after a crash can take its time
const logBytesMax = 20_000_000;
const lingerMsMax = 30_000;

/** Starts the server process and returns when it takes connections. What a killed server left running may end first. */
export async function launch(options: Launch): Promise<Server> {
  for (const deadline = Date.now() + lingerMsMax; ; await pause(200)) {
    const begun = await begin(options);
    if (typeof begun !== "string") return begun;
    options.signal.throwIfAborted();
    if (lingers(begun) && Date.now() < deadline) continue;
    throw explain("PostgreSQL did not start", begun, options.data);
  }
}

/** The server, or what it said when it did not start. */
async function begin(options: Launch): Promise<Server | string> {
  const { directory, account, home, data, port, settings } = options;
  const log = await openLog(options.log);
  const before = (await log.stat()).size;
  const pairs = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // The log is a file and the process leads its own session: neither our end nor Ctrl-C in the terminal hits it unasked.
  const child = spawn(join(directory, "postgres"), ["-D", data, "-p", String(port), ...pairs], {
    cwd: home,
    env: serverEnvironment(),
    stdio: ["ignore", log.fd, log.fd],
    detached: true,
    ...(account ?? {}),
  });
  let ended = false;
  let unspawned = "";
  child.once("error", (error) => (unspawned = `error: ${error.message}`));
  const exited = new Promise<void>((done) => {
    for (const event of ["exit", "error"]) child.once(event, () => done());
  }).then(() => {
    ended = true;
  });
  await log.close();
  const ready = await untilReady(options.url, () => ended || options.signal.aborted);
  if (ready && child.pid) return { pid: child.pid, exited, hasExited: () => ended };
  if (!ended && child.pid) await endServer(child.pid);
  return unspawned || (await readFile(options.log)).subarray(before).toString();
}

async function openLog(file: string) {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > logBytesMax) await rename(file, `${file}.old`);
  return open(file, "a", 0o600);
}

async function untilReady(url: string, isGivenUp: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + readyMsMax; Date.now() < deadline && !isGivenUp(); ) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {}); // a server that goes while we ask is asked again
    const answer = await client.connect().then(
      () => null,
      (error: unknown) => error,
    );
    // The end of a connection that its server broke off half-way may never be told.
    await Promise.race([client.end().catch(() => {}), pause(1_000, undefined, { ref: false })]);
    if (answer === null) return true;
    if (isRejection(answer)) throw answer;
    await pause(40);
  }
  return false;
}

/** A wrong password will not become right by waiting; everything else at start is "not yet". */
function isRejection(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "28P01";
}
