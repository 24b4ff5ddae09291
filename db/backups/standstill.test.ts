import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { closeFleet, connectionFor } from "../fleet.ts";
import { freshControl, freshDatabase } from "../testing/databases.ts";
import { registerDatabase } from "../testing/register.ts";
import { dump } from "./dump.ts";
import { named } from "./obstacles.ts";
import { serverVersion } from "./run.ts";
import { runTool } from "./tool-process.ts";
import { toolsFor } from "./tools.ts";

let folder: string;
let url: string;
let databaseId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-standstill-"));
  process.env.CARETAKER_DATA = folder;
  await freshControl();
  url = await freshDatabase();
  databaseId = await registerDatabase(url);
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true });
});

const never = new AbortController().signal;

test("a dump that waits for a held table ends after a minute and says why", async () => {
  const holder = new pg.Client(url);
  await holder.connect();
  await holder.query("CREATE TABLE orders (id integer)");
  await holder.query("BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
  const connection = await connectionFor(databaseId);
  const tools = await toolsFor(await serverVersion(databaseId));
  const late = AbortSignal.timeout(100_000);
  const failure = await dump(connection, tools, late, async () => {}).catch((error: unknown) => error);
  await holder.end();
  expect(named(failure, connection)).toMatchObject({
    code: "timeout",
    message: expect.stringMatching(/^Somebody held a table of /),
  });
});

test("a tool that says and writes nothing is ended, and one that goes on is not", async () => {
  const connection = await connectionFor(databaseId);
  const tools = { ...(await toolsFor(await serverVersion(databaseId))), directory: folder };
  const run = { tools, tool: "pg_dump" as const, args: [], signal: never, quietMs: 2_000 };
  await script("echo begun; exec sleep 60");
  const failure = await runTool(run, text).catch((error: unknown) => error);
  expect(named(failure, connection)).toMatchObject({
    code: "timeout",
    message: expect.stringContaining("stood still: nothing came for"),
  });
  await script("for n in 1 2 3; do sleep 1; echo $n; done");
  expect(await runTool(run, text)).toBe("1\n2\n3\n");
});

async function script(body: string): Promise<void> {
  const file = join(folder, "pg_dump");
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
}
