import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { archivesOf } from "../archive/registry.ts";
import { holdsTable } from "../cold/archives.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { membersOf, objectOf } from "../members.ts";
import type { ErasureInput } from "./contract.ts";
import { archivedErasureWhere, erasureWhere } from "./erasure-sql.ts";

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

const entriesMax = 20_000;

/** The entries that hold a subject's values, in the log and in its archived months, with those values alone. */
export async function readValues(input: ErasureInput): Promise<SubjectEntry[]> {
  const { subject } = input;
  if (subject.kind !== "records") return [];
  const found = new Map((await inPostgres(input)).map((entry) => [entry.id, entry]));
  for (const archive of await archivesOf([input.databaseId])) {
    if (!holdsTable(archive, subject)) continue;
    const signal = AbortSignal.timeout(120_000);
    for (const entry of await inFile(await coldFile(archive, signal), input, signal)) found.set(entry.id, entry);
  }
  const columns = new Set(subject.columns.map((name) => JSON.stringify(name)));
  const only = (image: string | null) =>
    image === null ? null : objectOf(membersOf(image).filter(([name]) => columns.has(name)));
  return [...found.values()]
    .toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
    .map(({ old, new: fresh, changes, ...entry }) => ({ ...entry, before: only(old), after: only(fresh ?? changes) }));
}

function inPostgres(input: ErasureInput): Promise<Stored[]> {
  const { where, values } = erasureWhere(input);
  return withDatabase(
    input.databaseId,
    async (client) => {
      const { rows } = await client.query<Stored>(
        `SELECT id::text, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, action, resource_id AS record,
                old_values::text AS old, new_values::text AS new, changes::text AS changes
           FROM caretaker.audit_logs WHERE ${where} LIMIT ${entriesMax}`,
        values,
      );
      return rows;
    },
    { limits: limits.long },
  );
}

function inFile(file: string, input: ErasureInput, signal: AbortSignal): Promise<Stored[]> {
  const { where, values } = archivedErasureWhere(input);
  return withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const reader = await duck.runAndReadAll(
      `SELECT id::VARCHAR, strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'), action, resource_id, old_values, new_values, changes
         FROM read_parquet(${quoted(file)}) WHERE ${where} LIMIT ${entriesMax}`,
      values,
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
