import type pg from "pg";
import { z } from "zod";
import { inDatabase } from "../../fleet.ts";
import type { JobKind } from "../../jobs/kind.ts";
import { limits } from "../../transaction.ts";
import { recordEvent } from "../record-event.ts";
import { type ErasureInput, erasureInput } from "./contract.ts";
import { erasureWhere, subjectOf } from "./erase.ts";
import { destroySalts } from "./salts.ts";
import { idsOf, tilesOfIds } from "./tiles.ts";

const jobInput = erasureInput.extend({ reason: z.string() });

/** Values first, then salts. In between, the entries count as erased already, so that nothing is taken for tampering. */
export const eraseJob: JobKind = {
  kind: "audit.erase",
  async run(job) {
    const input = jobInput.parse(job.input);
    const { entries } = await job.step("values", () =>
      inDatabase(job.actor, input.databaseId, (client) => eraseIn(client, input, job.id), {
        reason: input.reason,
        limits: limits.long,
      }),
    );
    const { salts } = await job.stepInControl("salts", async (_tx, client) => ({
      salts: await destroyIn(client, input.databaseId, job.id),
    }));
    return { entries, salts };
  },
};

const mark = "erased";

/** The trigger that keeps the log append-only lets this through: values may go, entries may not. Repeating it changes nothing. */
async function eraseIn(client: pg.PoolClient, input: ErasureInput, jobId: string): Promise<{ entries: number }> {
  await client.query("SELECT set_config('caretaker.erasing', 'on', true)");
  const { where, values } = erasureWhere(input);
  const { rowCount } = await client.query(`UPDATE caretaker.audit_logs SET ${changes(input)} WHERE ${where}`, values);
  const { rows } = await client.query(
    "SELECT FROM caretaker.audit_logs WHERE resource_type = 'audit_log' AND resource_id = $1 AND action = 'erase'",
    [jobId],
  );
  if (rows.length === 0) {
    await recordEvent(client, {
      action: "erase",
      resourceType: "audit_log",
      resourceId: jobId,
      metadata: { subject: subjectOf(input), entries: rowCount, ...columnsOf(input) },
    });
  }
  return { entries: rowCount ?? 0 };
}

function columnsOf({ subject }: ErasureInput): Record<string, unknown> {
  return subject.kind === "records" ? { columns: subject.columns } : { columns: ["ip_address", "user_agent"] };
}

function changes({ subject }: ErasureInput): string {
  if (subject.kind === "actor")
    return "ip_address = NULL, user_agent = NULL, metadata = metadata - 'client' - 'ip_address'";
  return ["old_values", "new_values", "changes"].map((column) => `${column} = ${without(column)}`).join(", ");
}

/** The same object with each named value replaced; null stays null, and a key that is not there does not appear. */
function without(column: string): string {
  return `(SELECT jsonb_object_agg(key, CASE WHEN key = ANY ($4::text[]) AND value <> 'null' THEN '"${mark}"' ELSE value END)
             FROM jsonb_each(${column}))`;
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
