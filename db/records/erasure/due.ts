import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { monthsAway } from "../../audit/archive/registry.ts";
import { hotMonths } from "../../audit/archive/standing.ts";
import { copiedFrom, oldestEntries } from "../../audit/proof/copied-from.ts";
import { databaseNames } from "../../audit/scope.ts";
import { control, controlPool } from "../../control.ts";
import { askAll, listAdopted, withDatabase } from "../../fleet.ts";
import { type Door, readDoor } from "../../managed/door.ts";
import { erasures } from "../../schema/erasures.ts";
import type { DueReplay, DueReplays } from "./closing/contract.ts";
import { erasedElsewhere } from "./closing/elsewhere.ts";
import { type Closing, closings } from "./closing/record.ts";
import { isLedger, type LedgerEntry, ledgerOf } from "./ledger.ts";

/** Those of the ledger of `from` that are to be applied again in a database. */
export async function erasuresDue(database: string, from: string): Promise<LedgerEntry[]> {
  const ledger = await ledgerOf(from);
  return dueOf(database, ledger, await withDatabase(database, (client) => readKnown(client, ledger)));
}

/**
 * Where erasures are to be applied again, before anybody works with the database, and what was closed until they are: databases that
 * were put back, and those whose log began as that of another one, which they are copies of.
 */
export async function dueReplays(actor: Actor): Promise<DueReplays> {
  authorise(actor, "records.read");
  const closed = new Map((await closings()).map((closing) => [closing.databaseId, closing]));
  const ledgers = await allLedgers();
  if (ledgers.size === 0 && closed.size === 0) return { due: [], silent: [] };
  const everything = [...ledgers.values()].flat();
  const places = new Set([...(await listAdopted()).map(({ id }) => id), ...closed.keys()]);
  const { answers, silent } = await askAll([...places], async (client) => ({
    known: await readKnown(client, everything),
    door: await readDoor(client),
  }));
  const names = await databaseNames([...places]);
  const due: DueReplay[] = [];
  for (const { databaseId: database, value } of answers) {
    const closing = closed.get(database);
    const others = [...ledgers.keys()].filter((id) => id !== database);
    const copied = await copiedFrom(value.known.oldest, others);
    for (const from of new Set([...(closing ? [closing.fromId] : []), database, ...copied])) {
      const missing = await dueOf(database, ledgers.get(from) ?? [], value.known);
      if (missing.length === 0 && from !== closing?.fromId) continue;
      const databaseName = names.get(database) ?? database;
      const elsewhere = closing ? await erasedElsewhere(database, closing.closedAt) : [];
      due.push({
        ...{ database, databaseName, from, erasures: missing.length, elsewhere },
        ...standingOf(value.door, closing),
      });
    }
  }
  return { due, silent };
}

/** By the database that erasures were run in. */
async function allLedgers(): Promise<Map<string, LedgerEntry[]>> {
  const rows = await control().selectDistinct({ databaseId: erasures.databaseId }).from(erasures).where(isLedger);
  const ledgers = new Map<string, LedgerEntry[]>();
  for (const { databaseId } of rows) ledgers.set(databaseId, await ledgerOf(databaseId));
  return ledgers;
}

interface Known {
  /** What the log says of a ledger's erasures: the one that was applied, and by what, the erasure itself or a job that replays. */
  applied: { id: string; by: string }[];
  months: string[];
  oldest: string[];
}

/** A database without a log, such as one that is restored just now, knows nothing. */
async function readKnown(client: pg.ClientBase, ledger: readonly LedgerEntry[]): Promise<Known> {
  const { rows: found } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('caretaker.audit_logs') IS NOT NULL AS there",
  );
  if (!found[0]?.there) return { applied: [], months: [], oldest: [] };
  const { rows: applied } = await client.query<{ id: string; by: string }>(
    `SELECT resource_id AS id, metadata ->> 'by' AS by FROM caretaker.audit_logs
      WHERE resource_id = ANY ($1::text[]) AND action = 'erase' AND resource_type = 'erasures'`,
    [ledger.map(({ id }) => id)],
  );
  return {
    applied,
    months: (await hotMonths(client)).map(({ month }) => month),
    oldest: await oldestEntries(client),
  };
}

/**
 * Erasures that the log does not know, and those whose replay came as far as the rows and not to a clean end. An entry of an
 * archived month is not in PostgreSQL, and rightly so, unless such a month is there: then it is a backup from before.
 */
async function dueOf(database: string, ledger: readonly LedgerEntry[], known: Known): Promise<LedgerEntry[]> {
  const away = new Set(await monthsAway(database));
  const isPutBack = known.months.some((month) => away.has(month));
  const clean = await cleanReplays(database, ledger);
  const done = new Set(known.applied.filter(({ id, by }) => by === id || clean.get(id)?.has(by)).map(({ id }) => id));
  const begun = new Set(known.applied.map(({ id }) => id));
  return ledger.filter(({ id, at: moment }) => {
    if (done.has(id)) return false;
    return begun.has(id) || isPutBack || !away.has(new Date(moment).toISOString().slice(0, 7));
  });
}

/** By the erasure, the jobs that applied it in this database again and left nothing, or whose rest a later check did not find. */
async function cleanReplays(database: string, ledger: readonly LedgerEntry[]): Promise<Map<string, Set<string>>> {
  const { rows } = await controlPool().query<{ id: string; job: string }>(
    `SELECT DISTINCT r.erasure_id AS id, r.job_id AS job
       FROM erasure_checks AS r
       JOIN erasure_checks AS c ON c.erasure_id = r.erasure_id AND c.database_id = r.database_id AND c.clean
                               AND (c.job_id = r.job_id OR (c.what = 'check' AND c.checked_at > r.checked_at))
      WHERE r.database_id = $1 AND r.what = 'replay' AND r.job_id IS NOT NULL AND r.erasure_id = ANY ($2::uuid[])`,
    [database, ledger.map(({ id }) => id)],
  );
  const jobs = new Map<string, Set<string>>();
  for (const { id, job } of rows) jobs.set(id, (jobs.get(id) ?? new Set()).add(job));
  return jobs;
}

function standingOf(
  { admits, sessions }: Door,
  closing: Closing | undefined,
): Pick<DueReplay, "closed" | "admits" | "sessions"> {
  return {
    closed: closing ? { at: closing.closedAt, by: closing.closedBy, reason: closing.reason } : null,
    admits: admits.map(({ role }) => role),
    sessions,
  };
}
