import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { appendFile, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { to as copyTo } from "pg-copy-streams";
import { canonicalCopyOptions, canonicalLinesSql } from "#db/audit/proof/canonical.ts";
import { lastCheckpoint } from "#db/audit/proof/checkpoints.ts";
import { verifierKeys, verifierLines } from "#db/audit/proof/keys.ts";
import { writeProof } from "#db/audit/proof/prove.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { verifyLog } from "#db/audit/proof/verify-log.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { checkExport } from "../bin/verifier/check.ts";
import { writeEntries } from "./audit-read/entries.ts";
import type { Bench } from "./bench.ts";

const sizes = { small: 100_000, full: 1_000_000 };

interface Timed {
  what: string;
  seconds: number;
  /** Of this process alone: what one core gives when PostgreSQL keeps up on another. */
  cpuSeconds: number;
}

/**
 * Seals a log from the first entry to the last, compares it with its tree, and verifies an export of it offline. `seal_rows_per_s` and
 * `verify_rows_per_s` are rows for each second of one core that this process used, on all of its threads; those by the clock stand
 * beside them, and that of bin/verify as a program of its own.
 */
export const bench: Bench = async ({ server, size }) => {
  const entries = sizes[size];
  process.env.CARETAKER_TEST_SERVER = server.href;
  const folder = await mkdtemp(join(tmpdir(), "caretaker-bench-proof-"));
  await freshControl();
  const app = await adoptedDatabase("");
  const actor = systemActor("bench");
  try {
    // A transaction that is yet to come is never sealed, so these entries carry the one that writes them.
    await writeEntries(app.client, entries, 13, "pg_current_xact_id()");
    const lines = join(folder, "log.ndjson");
    const seal = await timed("seal", () => sealLog(actor, app.id, { seconds: 0 }));
    const compare = await timed("compare with the tree", async () => {
      const { verdict } = await verifyLog(actor, app.id);
      if (verdict !== "good") throw new Error("The log does not agree with its tree.");
    });
    await exportLines(app, lines);
    const prove = await timed("write the proof", () => writeProof(actor, { lines, target: `${lines}.proof` }));
    const keys = await verifierKeys();
    const verify = await timed("verify offline", async () => {
      const [checked] = await checkExport({ lines, proof: `${lines}.proof`, keys, previous: [] });
      if (checked?.entries !== entries) throw new Error("The verifier did not see every entry.");
    });
    const program = await timed("bin/verify, from start to exit", async () =>
      runVerifier(lines, await verifierLines()),
    );
    if ((await lastCheckpoint(controlPool(), app.id))?.size !== entries) throw new Error("Not every entry was sealed.");
    return {
      figures: {
        entries,
        seal_rows_per_s: Math.round(entries / seal.cpuSeconds),
        verify_rows_per_s: Math.round(entries / verify.cpuSeconds),
        seal_rows_per_s_by_clock: Math.round(entries / seal.seconds),
        verify_rows_per_s_by_clock: Math.round(entries / verify.seconds),
        verify_program_rows_per_s_by_clock: Math.round(entries / program.seconds),
        proof_bytes_a_row: Math.round(((await stat(`${lines}.proof`)).size / entries) * 10) / 10,
        tree_bytes_a_row: Math.round(((await treeBytes()) / entries) * 10) / 10,
      },
      tables: [
        {
          title: "Proof",
          columns: ["what", "seconds", "cpu seconds", "rows/s by clock", "rows/s of a core"],
          rows: [seal, compare, prove, verify].map(({ what, seconds, cpuSeconds }) => [
            what,
            Math.round(seconds * 100) / 100,
            Math.round(cpuSeconds * 100) / 100,
            Math.round(entries / seconds),
            Math.round(entries / cpuSeconds),
          ]),
        },
      ],
    };
  } finally {
    await app.client.end();
    await closeFleet();
    await closeControl();
    await rm(folder, { recursive: true });
  }
};

async function timed(what: string, work: () => Promise<unknown>): Promise<Timed> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { what, seconds: (performance.now() - begun) / 1_000, cpuSeconds: (user + system) / 1_000_000 };
}

/** The lossless export's file: head, one line an entry, and the closing line. */
async function exportLines({ id, client }: Adopted, path: string): Promise<void> {
  await writeFile(path, `${JSON.stringify({ _database: { id, name: "bench" } })}\n`);
  const sql = canonicalLinesSql("caretaker.audit_logs ORDER BY created_at, audit_logs.id");
  const stream = client.query(copyTo(`COPY (${sql}) TO STDOUT WITH ${canonicalCopyOptions}`));
  await pipeline(stream, createWriteStream(path, { flags: "a" }));
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  await appendFile(
    path,
    `${JSON.stringify({ _end: { rows: String(stream.rowCount), sha256: hash.digest("hex") } })}\n`,
  );
}

/** As a reviewer runs it: a process of its own, with its start. */
async function runVerifier(lines: string, keys: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "../bin/verify"),
    lines,
    "--key",
    keys[0] ?? "",
  ]);
}

async function treeBytes(): Promise<number> {
  const { rows } = await controlPool().query<{ bytes: number }>(
    "SELECT pg_total_relation_size('seal_tiles')::float8 AS bytes",
  );
  return rows[0]?.bytes ?? 0;
}
