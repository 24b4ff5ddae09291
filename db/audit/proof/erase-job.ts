import type pg from "pg";
import { z } from "zod";
import { inDatabase } from "../../fleet.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { limits } from "../../transaction.ts";
import { monthOf } from "../archive/month.ts";
import { recordEvent } from "../record-event.ts";
import { type ErasureInput, erasureInput } from "./contract.ts";
import { subjectOf } from "./erase.ts";
import { eraseMonth } from "./erase-month.ts";
import { erasureSql } from "./erasure-sql.ts";
import { idsOf } from "./id-bytes.ts";
import { plannedIds } from "./planned-entries.ts";
import { destroySalts } from "./salts.ts";
import { tilesOfIds } from "./tiles.ts";

const jobInput = erasureInput.extend({ reason: z.string() });

export const eraseJob: JobKind = {
  kind: "audit.erase",
  async run(job) {
    const { reason, ...input } = jobInput.parse(job.input);
    return eraseFromLog(job, { id: job.id, input, reason });
  },
};

/** An erasure of entries that are planned under its id. */
export interface LogErasure {
  id: string;
  input: ErasureInput;
  reason: string;
  /** What its own entry calls the subject; a record's key may be a word of the person's. */
  label?: string;
}

/**
 * Values first, in PostgreSQL and then in each archived month, and salts last. In between, the entries count as erased already, so
 * that nothing is taken for tampering.
 */
export async function eraseFromLog(
  job: RunningJob,
  { id, input, reason, label = subjectOf(input) }: LogErasure,
): Promise<{ entries: number; salts: number }> {
  const ids = await plannedIds(input.databaseId, id);
  await job.step("values", () =>
    inDatabase(job.actor, input.databaseId, (client) => eraseIn(client, input, ids, { id, label }), {
      reason,
      limits: limits.long,
    }),
  );
  // An id tells in which month its entry lies, wherever that is by now.
  const months = Map.groupBy(ids, (entry) => monthOf(new Date(Number(BigInt(entry) >> 20n))));
  for (const [index, [month, own]] of [...months].entries()) {
    await job.progress({ done: index, total: months.size, unit: "rows", line: `Erasing from ${month}` });
    await eraseMonth(job, input, month, own);
  }
  const { salts } = await job.stepInControl("salts", async (_tx, client) => ({
    salts: await destroyIn(client, input.databaseId, id),
  }));
  return { entries: ids.length, salts };
}

/** The trigger that keeps the log append-only lets this through: values may go, entries may not. Repeating it changes nothing. */
async function eraseIn(
  client: pg.PoolClient,
  input: ErasureInput,
  ids: readonly string[],
  { id, label }: { id: string; label: string },
) {
  await client.query("SELECT set_config('caretaker.erasing', 'on', true)");
  await client.query(erasureSql(input, "caretaker.audit_logs", ids));
  const { rows } = await client.query(
    "SELECT FROM caretaker.audit_logs WHERE resource_type = 'audit_log' AND resource_id = $1 AND action = 'erase'",
    [id],
  );
  if (rows.length === 0) {
    await recordEvent(client, {
      action: "erase",
      resourceType: "audit_log",
      resourceId: id,
      metadata: { subject: label, entries: ids.length, ...columnsOf(input) },
    });
  }
  return {};
}

function columnsOf({ subject }: ErasureInput): Record<string, unknown> {
  return subject.kind === "records" ? { columns: subject.columns } : { columns: ["ip_address", "user_agent"] };
}

/** Whoever sealed on what it read before may not write any more: it would commit to values that are gone. */
async function destroyIn(client: pg.PoolClient, databaseId: string, jobId: string): Promise<number> {
  await client.query("UPDATE sealed_logs SET generation = generation + 1 WHERE database_id = $1", [databaseId]);
  const { rows } = await client.query<{ id: string }>(
    "SELECT entry_id::text AS id FROM erased_entries WHERE database_id = $1 AND job_id = $2",
    [databaseId, jobId],
  );
  const erased = new Set(rows.map(({ id }) => BigInt(id)));
  let destroyed = 0;
  for (const tile of await tilesOfIds(client, databaseId, [...erased])) {
    const places = idsOf(tile.ids ?? Buffer.alloc(0)).flatMap((id, place) => (erased.has(id) ? [place] : []));
    if (places.length === 0 || !tile.salts) continue;
    const { spelt } = destroySalts(tile.salts, places);
    await client.query(
      `UPDATE seal_tiles SET seed = NULL, salts = $3 WHERE database_id = $1 AND level = 0 AND "index" = $2`,
      [databaseId, tile.index, spelt],
    );
    destroyed += places.length;
  }
  return destroyed;
}
