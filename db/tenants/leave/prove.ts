import { createHash } from "node:crypto";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { connectOnce } from "../../connection.ts";
import { Refusal } from "../../errors.ts";
import { openServer } from "../../fleet-register.ts";
import { identifier } from "../../managed/statement.ts";
import { objectStore } from "../../objects/configured.ts";
import { untilCancelled } from "./cancelled.ts";
import type { Dumped } from "./dump.ts";
import { proofDatabase } from "./proofs.ts";
import { isSame, type LivingTenant, nameOf, speakPlainly, tally } from "./tables.ts";

/**
 * Restores an archive from the store into a scratch database of the tenant's server, and compares its checksum, and every table's rows
 * and hashes, with what was written. The scratch database goes again, whatever comes of it.
 *
 * @throws Refusal `conflict` when anything differs.
 */
export async function proveArchive(
  tenant: LivingTenant,
  archived: Dumped,
  signal: AbortSignal,
): Promise<{ tables: number; rows: number }> {
  await compareChecksum(archived);
  const server = await openServer(tenant.serverId);
  const scratch = proofDatabase(tenant.id);
  const beside = await connectOnce(server, tenant.databaseName);
  try {
    await beside.query("SET statement_timeout = '60s'");
    await beside.query(`DROP DATABASE IF EXISTS ${identifier(scratch)} WITH (FORCE)`);
    await beside.query(`CREATE DATABASE ${identifier(scratch)} TEMPLATE template0`);
    const client = await connectOnce(server, scratch);
    try {
      await client.query("SET statement_timeout = 0");
      await untilCancelled(signal, { beside, inside: client }, async () => {
        await restore(client, archived.object);
        await compare(client, archived);
      });
    } finally {
      await client.end();
    }
  } finally {
    await beside.query(`DROP DATABASE IF EXISTS ${identifier(scratch)} WITH (FORCE)`);
    await beside.end();
  }
  return { tables: Object.keys(archived.tables).length, rows: archived.rows };
}

async function compareChecksum({ object, sha256 }: Dumped): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of objectStore().read(object)) hash.update(chunk);
  if (hash.digest("hex") === sha256) return;
  throw new Refusal("conflict", "The archive in the store is not what was written.", {
    fix: "Look at the store, then archive again. Nothing was dropped.",
  });
}

/** Statement by statement and table by table, as psql would. */
async function restore(client: pg.Client, object: string): Promise<void> {
  const from = linesOf(objectStore().read(object));
  let statement: string[] = [];
  for (let next = await from.next(); !next.done; next = await from.next()) {
    const line = next.value;
    if (statement.length === 0 && line.startsWith("COPY ") && line.endsWith(" FROM stdin;")) {
      await pipeline(Readable.from(rowsOf(from)), copyStream(client, line.slice(0, -1)));
    } else if (line === "--;") {
      await client.query(statement.join("\n"));
      statement = [];
    } else if (statement.length > 0 || !/^(-- |\\set )/.test(line)) statement.push(line);
  }
}

function copyStream(client: pg.Client, sql: string): Writable {
  return client.query(copyFrom(sql));
}

/** Only a line feed ends a line: what else Unicode takes for one may stand in a value. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk]);
    let from = 0;
    for (let end = held.indexOf(10); end >= 0; end = held.indexOf(10, from)) {
      yield held.toString("utf8", from, end);
      from = end + 1;
    }
    held = held.subarray(from);
  }
  if (held.length > 0) yield held.toString("utf8");
}

async function* rowsOf(lines: AsyncIterator<string>): AsyncGenerator<string> {
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    if (next.value === "\\.") return;
    yield `${next.value}\n`;
  }
}

async function compare(client: pg.Client, { tables, places }: Dumped): Promise<void> {
  await client.query("BEGIN READ ONLY");
  await speakPlainly(client);
  for (const place of places) {
    const table = nameOf(place);
    const expected = tables[table];
    const found = await tally(client, { ...place, condition: "true" });
    if (isSame(expected, found)) continue;
    throw new Refusal(
      "conflict",
      `Restored, ${table} is not what was archived: ${found.rows} of ${expected?.rows ?? 0} rows.`,
      {
        fix: "Nothing was dropped. The archive is kept as a file only; look at the table's types.",
      },
    );
  }
  await client.query("COMMIT");
}
