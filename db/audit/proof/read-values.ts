import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { archivesOf } from "../archive/registry.ts";
import { holdsTable } from "../cold/archives.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { membersOf, objectOf } from "../members.ts";
import type { ErasureInput } from "./contract.ts";
import { archivedErasureWhere, erasureWhere } from "./erasure-sql.ts";
import { type Place, readInOrder } from "./in-order.ts";

/** What one entry says of a subject. Values are JSON as it stands in the log. */
export interface SubjectEntry {
  id: string;
  /** As PostgreSQL prints it, in UTC. */
  at: string;
  action: string;
  record: string | null;
  before: string | null;
  after: string | null;
}

type Stored = Omit<SubjectEntry, "before" | "after"> & {
  old: string | null;
  new: string | null;
  changes: string | null;
};

const entriesAtOnce = 5_000;
const timeoutMs = 120_000;

/**
 * The entries that hold a subject's values, with those values alone: archived months first, oldest first, then the log, each in the
 * order of its ids and no entry twice. What can not be read is told in `notReached`, and the rest goes on.
 */
export async function* readValues(
  input: ErasureInput,
  notReached: { where: string; why: string }[],
  atOnce: number = entriesAtOnce,
): AsyncGenerator<SubjectEntry[]> {
  const { subject } = input;
  if (subject.kind !== "records") return;
  const only = valuesOf(new Set(subject.columns.map((name) => JSON.stringify(name))));
  for await (const page of readInOrder(await placesOf(input, atOnce), atOnce, notReached)) yield page.map(only);
}

async function placesOf(input: ErasureInput, atOnce: number): Promise<Place<Stored>[]> {
  const { subject, databaseId } = input;
  if (subject.kind !== "records") return [];
  const about = `entries of ${subject.schema}.${subject.table}`;
  const archives = (await archivesOf([databaseId])).filter((archive) => holdsTable(archive, subject));
  const months = archives.toSorted((a, b) => (a.month < b.month ? -1 : 1));
  return [
    ...months.map((archive) => ({
      where: `${about} in the archived month ${archive.month}`,
      read: async (after: string) => {
        const signal = AbortSignal.timeout(timeoutMs);
        return inFile(await coldFile(archive, signal), input, { after, atOnce, signal });
      },
    })),
    { where: `${about} in PostgreSQL`, read: (after) => inPostgres(input, after, atOnce) },
  ];
}

function valuesOf(columns: ReadonlySet<string>): (entry: Stored) => SubjectEntry {
  const only = (image: string | null) =>
    image === null ? null : objectOf(membersOf(image).filter(([name]) => columns.has(name)));
  return ({ old, new: fresh, changes, ...entry }) => ({ ...entry, before: only(old), after: only(fresh ?? changes) });
}

function inPostgres(input: ErasureInput, after: string, atOnce: number): Promise<Stored[]> {
  const { where, values } = erasureWhere(input);
  return withDatabase(
    input.databaseId,
    async (client) => {
      // By the index of records; in the order of ids alone, all of the log might be walked through.
      const { rows } = await client.query<Stored>(
        `WITH subject AS MATERIALIZED (
           SELECT id, created_at, action, resource_id, old_values, new_values, changes
             FROM caretaker.audit_logs WHERE ${where} AND id > $${values.length + 1}::bigint)
         SELECT id::text, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, action, resource_id AS record,
                old_values::text AS old, new_values::text AS new, changes::text AS changes
           FROM subject ORDER BY subject.id LIMIT ${atOnce}`,
        [...values, after],
      );
      return rows;
    },
    { limits: limits.long },
  );
}

function inFile(
  file: string,
  input: ErasureInput,
  { after, atOnce, signal }: { after: string; atOnce: number; signal: AbortSignal },
): Promise<Stored[]> {
  const { where, values } = archivedErasureWhere(input);
  return withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const reader = await duck.runAndReadAll(
      `SELECT id::VARCHAR, strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'), action, resource_id, old_values, new_values, changes
         FROM read_parquet(${quoted(file)}) AS entry
        WHERE ${where} AND id > $${values.length + 1}::BIGINT ORDER BY entry.id LIMIT ${atOnce}`,
      [...values, after],
    );
    return reader.getRows().map((row) => {
      const [id = "", at = "", action = "", record, old, fresh, changes] = row.map((value) =>
        value === null ? null : String(value),
      );
      const text = (value: string | null | undefined) => value ?? null;
      return {
        ...{ id: id ?? "", at: at ?? "", action: action ?? "", record: text(record) },
        ...{ old: text(old), new: text(fresh), changes: text(changes) },
      };
    });
  });
}
