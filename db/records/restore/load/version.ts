import { byEntryId, isEntryId } from "../../../audit/entry-id.ts";
import { Refusal } from "../../../errors.ts";
import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { attempt } from "../attempt.ts";
import type { PlanRestore } from "../contract.ts";
import { rows } from "../scratch.ts";
import { keyOf, knowTables, named, recordedIn, tableOf, type Work, type WorkTable } from "../work.ts";
import { coldRefusal } from "./cold.ts";

interface Version {
  at: string;
  tenant: string | null;
  image: string | null;
}

/** One record as an entry left it, or found it. A record that is there is changed; one that is not is put back. */
export async function takeVersion(work: Work, input: PlanRestore): Promise<void> {
  const { schema = "", table: name = "", record = "", version = "", side = "after", field = [] } = input;
  await knowTables(work, [{ schema, name }]);
  const table = tableOf(work, { schema, name });
  if (!table?.shape || keyOf(table).length === 0) {
    throw new Refusal("unsupported", `${schema}.${name} is gone, or has no key by which its rows are told apart.`, {
      fix: "Only a row with a key can be taken back to an earlier version.",
    });
  }
  const { image, at, tenant } = await readVersion(work, { schema, name, record }, version, side);
  if (image === null) {
    throw new Refusal("invalid", "The record was not there at that moment.", {
      fix: "Choose another of its versions.",
    });
  }
  const standing = await standingRow(work, table, record);
  const key = keyOf(table).map((column) => column.name);
  await work.client.query(
    `INSERT INTO ${rows} (round, key, tab, act, origin, record, entry, entry_at, tenant, standing, image)
     SELECT ${work.round + 1}, $1, $2, CASE WHEN $3::jsonb IS NULL THEN 'insert' ELSE 'update' END, 'version', $4, $5, $6, $7, $3,
            CASE WHEN $3::jsonb IS NULL THEN i.image
                 ELSE (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(i.image)
                        WHERE NOT key = ANY ($8::text[]) AND (cardinality($9::text[]) = 0 OR key = ANY ($9::text[]))) END
       FROM (SELECT $10::jsonb AS image) AS i`,
    [`${named(table)}:${record}`, table.tab, standing, record, version, at, tenant, key, field, image],
  );
}

async function readVersion(
  work: Work,
  { schema, name, record }: { schema: string; name: string; record: string },
  version: string,
  side: "after" | "before",
): Promise<Version> {
  const state =
    side === "before"
      ? "old_values"
      : "CASE action WHEN 'create' THEN new_values WHEN 'update' THEN old_values || changes END";
  const { rows: found } = isEntryId(version)
    ? await work.client.query<Version>(
        `SELECT created_at::text AS at, tenant_id AS tenant, (${state})::text AS image FROM ${work.log}
          WHERE ${byEntryId("$1")} AND resource_schema = $2 AND resource_type = $3
            AND (resource_id = $4 OR metadata ->> 'new_key' = $4)`,
        [version, schema, name, record],
      )
    : { rows: [] };
  const [entry] = found;
  if (entry) return entry;
  const cold = isEntryId(version) ? await coldRefusal(recordedIn(work).id, version) : null;
  throw (
    cold ??
    new Refusal("not_found", `The audit log has no entry ${version} of ${name} ${record}.`, {
      fix: "Choose an entry of the record's history.",
    })
  );
}

/** The row as it stands, as JSON; null when it is not there. */
async function standingRow(work: Work, table: WorkTable, record: string): Promise<string | null> {
  const key = keyOf(table);
  const tried = await attempt(work, () =>
    work.client.query<{ doc: string }>(
      `SELECT to_jsonb(t)::text AS doc FROM ${keyRecord(key, "$1", "k")} JOIN ${quoteTable(table)} AS t ON ${sameKey("t", "k", key)}
        ${work.lock ? "FOR UPDATE OF t" : ""}`,
      [record],
    ),
  );
  if ("done" in tried) return tried.done.rows[0]?.doc ?? null;
  throw new Refusal("not_found", `${table.name} can have no such row: ${tried.refused}.`, { fix: "Check the link." });
}
