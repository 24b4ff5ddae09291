import type { DuckDBConnection } from "@duckdb/node-api";
import { type Actor, authorise } from "../../actor.ts";
import { named } from "../actor-names.ts";
import { monthOf } from "../archive/month.ts";
import { archiveOf } from "../archive/registry.ts";
import { Values } from "../conditions.ts";
import type { AuditEntryDetail, Silent } from "../contract.ts";
import { isEntryId } from "../entry-id.ts";
import type { EntryRow } from "../entry-row.ts";
import { merged } from "../members.ts";
import { readableDatabase } from "../scope.ts";
import { coldColumns, coldRows } from "./ask-file.ts";
import { quoted, withDuck } from "./duck.ts";
import { coldFile } from "./file.ts";
import { endOf } from "./log.ts";
import { coldUsers } from "./months.ts";

const siblingsMax = 200;
const patienceMs = 20_000;

interface Found {
  row: EntryRow;
  rows: EntryRow[];
  before: string | null;
  after: string | null;
  metadata: string;
}

/** One archived entry by its id, with what its transaction did in that month; null when no archived month holds it. */
export async function readColdEntry(
  actor: Actor,
  databaseId: string,
  id: string,
  leaves?: AbortSignal,
): Promise<AuditEntryDetail | null> {
  authorise(actor, "audit.read");
  if (!isEntryId(id)) return null;
  const archive = await archiveOf(databaseId, monthOf(new Date(Number(BigInt(id) >> 20n))));
  if (!archive) return null;
  const signal = endOf(patienceMs, leaves);
  const file = await coldFile(archive, signal);
  const found = await withDuck({ memory: "512MB", threads: 2, signal }, (duck) => find(duck, file, id));
  if (!found) return null;
  const database = { ...(await readableDatabase(databaseId)), terms: [] };
  const silent: Silent[] = [];
  const users = await coldUsers(database, found.rows, silent);
  const [entry, ...siblings] = await named([
    { database, rows: [found.row, ...found.rows.slice(0, siblingsMax)], users },
  ]);
  if (!entry) return null;
  const { before, after, metadata } = found;
  return { ...entry, before, after, metadata, siblings, siblingsMore: found.rows.length > siblingsMax, silent };
}

async function find(duck: DuckDBConnection, file: string, id: string): Promise<Found | null> {
  const from = `read_parquet(${quoted(file)}) AS entries`;
  const own = new Values();
  const [row] = await coldRows(
    duck,
    `SELECT ${coldColumns} FROM ${from} WHERE entries.id = ${own.add(id)}::BIGINT`,
    own,
  );
  if (!row) return null;
  const images = await duck.runAndReadAll(
    `SELECT action, old_values, new_values, changes, metadata FROM ${from} WHERE entries.id = $1::BIGINT`,
    [id],
  );
  const [action, before, created, changes, metadata] = (images.getRows()[0] ?? []).map((value) =>
    value === null ? null : String(value),
  );
  const theirs = new Values();
  const rows = await coldRows(
    duck,
    `SELECT ${coldColumns} FROM ${from} WHERE entries.transaction_id = ${theirs.add(row.transaction)}::UBIGINT
      ORDER BY entries.created_at, entries.id LIMIT ${siblingsMax + 1}`,
    theirs,
  );
  const after = action === "update" ? merged(before ?? "{}", changes ?? "{}") : (created ?? null);
  return { row, rows, before: before ?? null, after, metadata: metadata ?? "{}" };
}
