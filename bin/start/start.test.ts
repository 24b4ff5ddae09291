import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { closeControl } from "#db/control.ts";
import { takeLock } from "#db/local/lock.ts";
import { isAlive } from "#db/local/process.ts";
import { assertVersion } from "#db/migrate.ts";
import { freshControl } from "#db/testing/databases.ts";
import { startThrowaway } from "#db/testing/server.ts";
import { build } from "./build.ts";
import { endLeftovers, supervise } from "./children.ts";
import { explainFailure } from "./failure.ts";
import { masterKey } from "./folder.ts";
import { hashSources } from "./sources.ts";

let folder: string;
let taken: Server;
let takenPort: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-start-"));
  taken = createServer();
  takenPort = await new Promise((done) => {
    taken.listen(0, "127.0.0.1", () => {
      const address = taken.address();
      done(typeof address === "object" && address ? address.port : 0);
    });
  });
});

afterAll(async () => {
  taken.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the start command with a data folder of its own, for starts that must fail before they build anything. */
async function start(data: string, args: string[] = [], env: Record<string, string> = {}) {
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [main, ...args], {
    env: { NODE_ENV: "test", PATH: process.env.PATH, CARETAKER_DATA: data, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, lines: said.trim().split("\n") };
}

async function ask(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 1_000 });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

describe("the start command says in one line what is wrong and what to do", () => {
  test("when the port asked for is taken", async () => {
    const { code, lines } = await start(join(folder, "port"), ["--port", String(takenPort)]);
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^Port \d+ is taken by another program. .*--port \d+, which is free.$/),
    ]);
  });

  test("when the data folder cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    const { code, lines } = await start(join(folder, "file", "data"));
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/cannot be written .*CARETAKER_DATA\.$/)]);
  });

  test("when it is running already", async () => {
    const data = join(folder, "second");
    await mkdir(data);
    const release = await takeLock(join(data, "lock"), "Caretaker");
    const { code, lines } = await start(data);
    await release();
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^Caretaker is already running \(process \d+\)\./)]);
  });

  test("when an option is misspelt", async () => {
    const { code, lines } = await start(join(folder, "option"), ["--prot", "3000"]);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^These options are not understood\. npm start -- /)]);
  });

  test("when the database of DATABASE_URL does not answer", async () => {
    const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:9/none" };
    const { code, lines } = await start(join(folder, "database"), ["--dev"], env);
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^The control database: Nothing accepts connections at 127\.0\.0\.1, port 9\. Check/),
    ]);
  });

  test("when the database of DATABASE_URL cannot be used", async () => {
    const server = await startThrowaway();
    const rules = join(server.data, "pg_hba.conf");
    await writeFile(rules, `host all banned all reject\n${await readFile(rules, "utf8")}`);
    await ask(
      server.url,
      "SELECT pg_reload_conf(); CREATE ROLE reader LOGIN PASSWORD 'p@ss'; CREATE ROLE banned LOGIN PASSWORD 'p@ss'",
    );
    const at = `127.0.0.1:${server.port}`;
    const expected: [url: string, said: RegExp][] = [
      ["postgres://reader@no-such-host.invalid/none", /: The name no-such-host\.invalid has no address in DNS\./],
      [`postgres://reader@127.0.0.1:${takenPort}/none`, /: 127\.0\.0\.1, port \d+, did not answer in time\./],
      [`postgres://reader:wrong@${at}/postgres`, /: The server refused the user reader or its password\./],
      [`postgres://reader@${at}/postgres`, /: 127\.0\.0\.1 asks reader for a password, and none was given\./],
      [`postgres://banned:p%40ss@${at}/postgres`, /does not admit banned to postgres from .* pg_hba\.conf/],
      [`postgres://reader:p%40ss@${at}/none`, /: There is no database none on the server\./],
      [`postgres://reader:p%40ss@${at}/postgres?sslmode=verify-full`, /: 127\.0\.0\.1 does not speak TLS\./],
      [`postgres://reader:p%40ss@${at}/postgres`, /^The user in DATABASE_URL may not make .*OWNER TO/],
    ];
    for (const [url, said] of expected) {
      process.env.DATABASE_URL = url;
      const failure = await ask(url, 'CREATE SCHEMA "drizzle"').catch((error: unknown) => explainFailure(error));
      expect(failure).toMatch(said);
    }
    delete process.env.DATABASE_URL;
    await server.remove();
  });

  test("when the secrets of DATABASE_URL are sealed under a key that it does not have", async () => {
    const url = await freshControl();
    const id = "00000000-0000-4000-8000-000000000001";
    const credential = `v1.0123456789abcdef.${"A".repeat(80)}.${"A".repeat(80)}`;
    await ask(
      url,
      `INSERT INTO servers (id, name, host, port, tls_mode, username, credential)
       VALUES ('${id}', 'main', '127.0.0.1', 5432, 'disable', 'caretaker', '${credential}')`,
    );
    await closeControl();
    const { code, lines } = await start(join(folder, "lost-key"), ["--dev"], { DATABASE_URL: url });
    for (const name of ["DATABASE_URL", "CARETAKER_KEY", "CARETAKER_ALLOWED_NETWORKS"]) delete process.env[name];
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(
        /under the master key 0123456789abcdef, which is not configured\. .*CARETAKER_KEY_PREVIOUS/,
      ),
    ]);
  });

  test("when the server of DATABASE_URL is too old", () => {
    expect(() => assertVersion(150_000)).not.toThrow();
    expect(() => assertVersion(140_011)).toThrow("The control database's server is PostgreSQL 14.");
  });

  test("when the disk is full, wherever that shows", () => {
    const error = new Error("write failed", {
      cause: Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC" }),
    });
    expect(explainFailure(error)).toMatch(/^The disk is full\. Free some space/);
  });
});

describe("what the start command keeps", () => {
  test("is a master key that only its owner can read and that stays the same", async () => {
    const first = await masterKey(folder);
    expect(Buffer.from(first, "base64")).toHaveLength(32);
    expect(await masterKey(folder)).toBe(first);
    expect((await stat(join(folder, "key"))).mode & 0o077).toBe(0);
  });

  test("is a master key that is not replaced while it is there, readable or not", async () => {
    const data = join(folder, "unreadable");
    await mkdir(join(data, "key"), { recursive: true }); // reading it fails, for whichever user
    await expect(masterKey(data)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/key cannot be read/),
    });
    const half = join(folder, "half-key");
    await mkdir(half);
    await writeFile(join(half, "key"), "");
    await expect(masterKey(half)).rejects.toMatchObject({ code: "forbidden" });
    expect(await readFile(join(half, "key"), "utf8")).toBe("");
  });

  test("is a lock that a killed run does not hold for ever", async () => {
    const file = join(folder, "stale-lock");
    await writeFile(file, `${process.pid} 1`); // our number, but another process's start
    const release = await takeLock(file, "Caretaker");
    await expect(takeLock(file, "Caretaker")).rejects.toThrow("already running");
    await release();
    await (await takeLock(file, "Caretaker"))();
  });

  test("is one hash of the sources, which changes with them and not with their tests", async () => {
    const root = join(folder, "sources");
    await mkdir(join(root, "app"), { recursive: true });
    await writeFile(join(root, "app", "page.tsx"), "one");
    const first = await hashSources(root);
    await writeFile(join(root, "app", "page.test.ts"), "a test");
    expect(await hashSources(root)).toBe(first);
    await writeFile(join(root, "app", "page.tsx"), "two");
    expect(await hashSources(root)).not.toBe(first);
  });
});

describe("a start that is told to end half-way", () => {
  test("leaves no PostgreSQL server behind", async () => {
    await chmod(folder, 0o711); // a server that runs as another user passes through
    const data = join(folder, "half-way");
    const main = join(import.meta.dirname, "main.ts");
    const child = spawn(process.execPath, [main, "--dev"], {
      env: { NODE_ENV: "test", PATH: process.env.PATH, CARETAKER_DATA: data },
      stdio: "ignore",
    });
    onTestFinished(() => void child.kill("SIGTERM"));
    const pid = await firstLine(join(data, "postgres", "cluster", "postmaster.pid"));
    child.kill("SIGTERM");
    await once(child, "close");
    expect(isAlive(pid)).toBe(false);
  });

  test("leaves no build behind, and nothing that holds up the next", async () => {
    const root = join(folder, "building");
    const next = join(root, "node_modules", "next", "dist", "bin");
    await mkdir(join(root, "app"), { recursive: true });
    await mkdir(next, { recursive: true });
    await writeFile(
      join(next, "next"),
      `require("fs").writeFileSync("pid", process.pid + "\\n"); setInterval(() => {}, 9)`,
    );
    const leaving = new AbortController();
    const building = build(root, leaving.signal);
    const pid = await firstLine(join(root, "pid"));
    leaving.abort();
    await expect(building).rejects.toThrow("aborted");
    expect(isAlive(pid)).toBe(false);
    await (await takeLock(join(root, "node_modules", ".caretaker-build"), "Another build"))();
  });
});

/** The number in a file's first line, as soon as it is there. */
async function firstLine(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.includes("\n")) return Number.parseInt(text, 10);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe("supervised processes", () => {
  const env = { NODE_ENV: "test" as const, PATH: process.env.PATH };

  test("are started again when they die, and end with us", async () => {
    const file = join(folder, "processes");
    const running = supervise([{ name: "sleeper", command: ["sleep", "600"], env }], file, () => {});
    const first = await onlyPid(file);
    process.kill(first, "SIGKILL");
    await expect.poll(() => onlyPid(file), { timeout: 5_000 }).not.toBe(first);
    const second = await onlyPid(file);
    await running.stop();
    expect(isAlive(second)).toBe(false);
  });

  test("are given up after five ends within a minute", async () => {
    const givenUp = new Promise<string>((done) => {
      supervise([{ name: "broken", command: ["false"], env }], join(folder, "broken"), done);
    });
    expect(await givenUp).toBe("broken");
  });

  test("of a killed run are ended by the next one, and strangers with their numbers are not", async () => {
    const file = join(folder, "leftovers");
    const running = supervise([{ name: "leftover", command: ["sleep", "600"], env }], file, () => {});
    const pid = await onlyPid(file);
    await writeFile(`${file}.strangers`, `${pid} 1`);
    await endLeftovers(`${file}.strangers`);
    expect(isAlive(pid)).toBe(true);
    await endLeftovers(file);
    expect(isAlive(pid)).toBe(false);
    await running.stop();
  });
});

async function onlyPid(file: string): Promise<number> {
  await expect.poll(() => readFile(file, "utf8").catch(() => "")).toMatch(/^\d+ \S+$/);
  return Number.parseInt(await readFile(file, "utf8"), 10);
}
