import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalLinesSql } from "#db/audit/proof/canonical.ts";
import { lastCheckpoint } from "#db/audit/proof/checkpoints.ts";
import { verifierKeys, verifierLines } from "#db/audit/proof/keys.ts";
import { writeProof } from "#db/audit/proof/prove.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { type Person, person } from "#db/testing/people.ts";
import { checkExport } from "./check.ts";

let folder: string;
let admin: Person;
let app: Adopted;
let earlier: string;

const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-verifier-"));
  await freshControl();
  admin = await person("administrator", "Ada");
  app = await adoptedDatabase("CREATE TABLE notes (id bigint PRIMARY KEY, body text, data jsonb)");
  await app.client.query(`
    INSERT INTO notes SELECT n, E'line\\nbreak, tab\\t, \\\\ and "é €"', '{"big": 9007199254740993, "price": 1.10, "s": "a\\"b\\\\c"}'
      FROM generate_series(1, 300) n`);
  await sealLog(admin.actor, app.id, { seconds: 0 });
  earlier = (await lastCheckpoint(controlPool(), app.id))?.note ?? "";
  await app.client.query(
    "SELECT set_config('app.ip_address', '10.1.2.3', false), set_config('app.user_agent', E'a\\tb', false)",
  );
  await app.client.query("UPDATE notes SET body = 'x' || id WHERE id <= 250");
  await sealLog(admin.actor, app.id, { seconds: 0 });
  await app.client.query("DELETE FROM notes WHERE id > 250");
  await sealLog(admin.actor, app.id, { seconds: 0 });
});

afterAll(async () => {
  await app.client.end();
  await closeFleet();
  await closeControl();
  await rm(folder, { recursive: true });
});

/** An export as the console writes one, and its proof. */
async function exported(name: string, where = "true"): Promise<string[]> {
  const { rows } = await app.client.query<{ line: string }>(
    canonicalLinesSql(`caretaker.audit_logs WHERE ${where} ORDER BY created_at, audit_logs.id`),
  );
  const lines = [JSON.stringify({ _database: { id: app.id, name: "app" } }), ...rows.map(({ line }) => line)];
  await write(name, lines);
  await writeProof(admin.actor, { lines: path(name), target: path(`${name}.proof`), earlier: [300] });
  return lines;
}

/** Closed as an honest exporter closes it, so that only the proof can tell. */
async function write(name: string, lines: readonly string[]): Promise<void> {
  const text = `${lines.join("\n")}\n`;
  const sha256 = createHash("sha256").update(text).digest("hex");
  const end = { _end: { rows: String(lines.length - 1), sha256 } };
  await writeFile(path(name), `${text}${JSON.stringify(end)}\n`);
}

async function check(name: string, proof = name, previous: string[] = []) {
  return checkExport({ lines: path(name), proof: path(`${proof}.proof`), keys: await verifierKeys(), previous });
}

describe("verify", () => {
  test("proves a whole export against its checkpoint and against one kept from before", async () => {
    await exported("whole");
    expect(await check("whole", "whole", [earlier])).toMatchObject([
      { database: app.id, entries: 600, size: 600, between: 0, erased: 0 },
    ]);
  });

  test("proves a filtered export, and says how much of the log lies between", async () => {
    await exported("some", "resource_id IN ('3', '290', '17')");
    expect(await check("some")).toMatchObject([{ entries: 6, between: 600 - 2 - (600 - 590) - 6 }]);
  });

  test("names the first entry that was changed, removed, added or doubled", async () => {
    const lines = await exported("honest");
    const at = 70;
    const id = /"id":"(\d+)"/.exec(lines[at] ?? "")?.[1] ?? "";
    const cases: [string, string[], RegExp][] = [
      [
        "changed",
        lines.with(at, (lines[at] ?? "").replace("1.10", "1.1")),
        RegExp(`Line ${at + 1}: entry ${id} is not what`),
      ],
      ["removed", lines.toSpliced(at, 1), RegExp(`Entry ${id} was exported and is missing`)],
      ["doubled", lines.toSpliced(at, 0, lines[at] ?? ""), RegExp(`Line ${at + 2}: entry ${id} is in the file twice`)],
      [
        "added",
        lines.toSpliced(at, 0, (lines[at] ?? "").replace(id, String(BigInt(id) - 2n ** 32n))),
        /Line 71: entry \d+ is not in the log/,
      ],
      [
        "swapped",
        lines.with(at, (lines[at] ?? "").replace(id, /"id":"(\d+)"/.exec(lines[80] ?? "")?.[1] ?? "")),
        /Line 71: entry \d+ is not what/,
      ],
    ];
    for (const [name, altered, message] of cases) {
      await write(name, altered);
      await expect(check(name, "honest"), name).rejects.toThrow(message);
    }
  });

  test("does not take a file that was cut off, at any line, for a whole one", async () => {
    const lines = await exported("long", "resource_id = '5'");
    const whole = await readFile(path("long"), "utf8");
    for (let at = 1; at < whole.length; at += 37) {
      await writeFile(path("cut"), whole.slice(0, at));
      await expect(check("cut", "long"), `at ${at}`).rejects.toThrow();
    }
    expect(lines.length).toBe(3);
  });

  test("does not believe a proof that was made up, cut off or signed by another", async () => {
    await exported("sound", "resource_id < '2'");
    const proof = await readFile(path("sound.proof"), "utf8");
    const flipped = proof.replace(/"hashes":"(.)/, (_all, first) => `"hashes":"${first === "A" ? "B" : "A"}`);
    for (const [name, text] of [
      ["flipped", flipped],
      ["short", proof.split("\n").slice(0, -2).join("\n")],
      ["resized", proof.replace("\\n600\\n", "\\n599\\n")],
    ] as const) {
      await writeFile(path(`${name}.proof`), text);
      await expect(check("sound", name), name).rejects.toThrow();
    }
  });

  test("does not take one database's entries for another's, when export and proof call them so", async () => {
    const other = "00000000-0000-4000-8000-000000000000";
    const lines = await exported("own", "resource_id = '5'");
    await write("relabelled", lines.with(0, (lines[0] ?? "").replace(app.id, other)));
    const [head = "", ...rest] = (await readFile(path("own.proof"), "utf8")).split("\n");
    const called = head.replace(`"database":"${app.id}"`, `"database":"${other}"`);
    expect(called).not.toBe(head);
    await writeFile(path("relabelled.proof"), [called, ...rest].join("\n"));
    await expect(check("relabelled")).rejects.toThrow(`its checkpoint speaks of caretaker/audit/${app.id}`);
  });

  test("says when the log is not the one that an earlier checkpoint spoke of", async () => {
    await exported("current");
    const kept = (await lastCheckpoint(controlPool(), app.id))?.note ?? "";
    expect(await check("current", "current", [kept, earlier])).toHaveLength(1);
    for (const table of ["seal_tiles", "seal_checkpoints", "sealed_logs"])
      await controlPool().query(`DELETE FROM ${table}`);
    await sealLog(admin.actor, app.id, { seconds: 0 });
    await exported("forked");
    expect(await check("forked")).toHaveLength(1);
    await expect(check("forked", "forked", [kept])).rejects.toThrow(/The log was forked/);
    await expect(check("forked", "forked", [earlier])).rejects.toThrow(/brings no path/);
  });

  test("runs by itself, without a database or a network, and answers by its exit code", async () => {
    await exported("alone", "resource_id = '5'");
    await writeFile(path("key"), (await verifierLines()).join("\n"));
    const run = promisify(execFile);
    const program = join(import.meta.dirname, "..", "verify");
    const env = { ...process.env, DATABASE_URL: "postgres://nowhere.invalid/none", CARETAKER_KEY: "" };
    const { stdout } = await run(process.execPath, [program, path("alone"), "--key", path("key")], { env });
    expect(stdout).toMatch(/^PROVEN\. .*each of the 2 entries was in the log/);
    await writeFile(path("alone"), (await readFile(path("alone"), "utf8")).replace('"x5"', '"x6"'));
    await expect(run(process.execPath, [program, path("alone"), "--key", path("key")], { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^NOT PROVEN\. Line 3: entry \d+ is not what was sealed/),
    });
  });
});
