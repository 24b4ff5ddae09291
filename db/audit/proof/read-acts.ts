import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { type Archive, archivesOf } from "../archive/registry.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import type { ErasureInput } from "./contract.ts";
import { archivedErasureWhere, erasureWhere } from "./erasure-sql.ts";
import { readInOrder } from "./in-order.ts";

/** By which machine and program a person did something. */
export interface Act {
  id: string;
  /** In UTC, ISO 8601. */
  at: string;
  action: string;
  table: string | null;
  record: string | null;
  /** As the application said, and as the database saw the connection. */
  address: string | null;
  connection: string | null;
  program: string | null;
}

const actsAtOnce = 5_000;
const timeoutMs = 120_000;

/** The entries that hold addresses or programs of one person's acts: archived months first, oldest first, then the log. */
export async function* readActs(
  databaseId: string,
  user: string,
  notReached: { where: string; why: string }[],
): AsyncGenerator<Act[]> {
  const input: ErasureInput = { databaseId, subject: { kind: "actor", user } };
  const archives = await archivesOf([databaseId]);
  const months = archives.toSorted((a, b) => (a.month < b.month ? -1 : 1));
  const places = [
    ...months.map((archive) => ({
      where: `this person's acts in the archived month ${archive.month}`,
      read: (after: string) => inFile(archive, input, after),
    })),
    { where: "this person's acts in PostgreSQL", read: (after: string) => inPostgres(input, after) },
  ];
  yield* readInOrder(places, actsAtOnce, notReached);
}

function inPostgres(input: ErasureInput, after: string): Promise<Act[]> {
  const { where, values } = erasureWhere(input);
  return withDatabase(
    input.databaseId,
    async (client) => {
      // By the index of users; in the order of ids alone, all of the log might be walked through.
      const { rows } = await client.query<Act>(
        `WITH acts AS MATERIALIZED (
           SELECT id, created_at, action, resource_schema, resource_type, resource_id, ip_address, user_agent, metadata
             FROM caretaker.audit_logs WHERE ${where} AND id > $${values.length + 1}::bigint)
         SELECT id::text, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, action,
                resource_schema || '.' || resource_type AS table, resource_id AS record,
                coalesce(host(ip_address), metadata ->> 'ip_address') AS address, metadata ->> 'client' AS connection, user_agent AS program
           FROM acts ORDER BY acts.id LIMIT ${actsAtOnce}`,
        [...values, after],
      );
      return rows;
    },
    { limits: limits.long },
  );
}

async function inFile(archive: Archive, input: ErasureInput, after: string): Promise<Act[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const file = await coldFile(archive, signal);
  const { where, values } = archivedErasureWhere(input);
  return withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const reader = await duck.runAndReadAll(
      `SELECT id::VARCHAR, strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'), action,
              resource_schema || '.' || resource_type, resource_id,
              coalesce(split_part(ip_address, '/', 1), json_extract_string(metadata, '/ip_address')),
              json_extract_string(metadata, '/client'), user_agent
         FROM read_parquet(${quoted(file)}) AS entry
        WHERE ${where} AND id > $${values.length + 1}::BIGINT ORDER BY entry.id LIMIT ${actsAtOnce}`,
      [...values, after],
    );
    return reader.getRows().map((row) => {
      const [id, at, action, table = null, record = null, address = null, connection = null, program = null] = row.map(
        (value) => (value === null ? null : String(value)),
      );
      return { id: id ?? "", at: at ?? "", action: action ?? "", table, record, address, connection, program };
    });
  });
}
