import { and, asc, eq, inArray, isNotNull } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { monthsAway } from "../../audit/archive/registry.ts";
import { hotMonths } from "../../audit/archive/standing.ts";
import { auditedDatabase, databaseNames } from "../../audit/scope.ts";
import { control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { askAll, listAdopted } from "../../fleet.ts";
import { enqueue } from "../../jobs/enqueue.ts";
import { erasures } from "../../schema/erasures.ts";
import type { DueReplay, DueReplays, ReplayErasures } from "./contract.ts";

/**
 * Applies every erasure of a database again, by a job: what a restore from a backup brought back goes a second time. Nothing new is
 * decided: it is what two people agreed to. `from` is the database that a copy was made of.
 */
export async function replayErasures(
  actor: Actor,
  { database, from = database }: ReplayErasures,
): Promise<{ job: string }> {
  authorise(actor, "records.erase");
  const { name } = await auditedDatabase(database);
  if ((await ledgerOf(from)).length === 0) {
    throw new Refusal("not_found", "No erasure was run in this database.", {
      fix: "If it is a copy of another one, name that one as well.",
    });
  }
  const title = `Erasures applied again in ${name}`;
  return { job: await enqueue(actor, { kind: "records.erasure-replay", title, input: { database, from } }) };
}

/** The erasures of a database, in the order in which they were run. */
export async function ledgerOf(databaseId: string): Promise<{ id: string; subject: string; finishedAt: string }[]> {
  const rows = await control()
    .select({ id: erasures.id, subject: erasures.subject, finishedAt: erasures.finishedAt })
    .from(erasures)
    .where(
      and(
        eq(erasures.databaseId, databaseId),
        inArray(erasures.state, ["done", "incomplete"]),
        isNotNull(erasures.finishedAt),
      ),
    )
    .orderBy(asc(erasures.finishedAt), asc(erasures.id));
  return rows.map((row) => ({ ...row, finishedAt: row.finishedAt ?? "" }));
}

/** Where erasures are to be applied again, before anybody works with the database. */
export async function dueReplays(actor: Actor): Promise<DueReplays> {
  authorise(actor, "records.read");
  const rows = await control()
    .selectDistinct({ databaseId: erasures.databaseId })
    .from(erasures)
    .where(inArray(erasures.state, ["done", "incomplete"]));
  const adopted = new Set((await listAdopted()).map(({ id }) => id));
  const ledgers = new Map<string, Awaited<ReturnType<typeof ledgerOf>>>();
  for (const { databaseId } of rows) if (adopted.has(databaseId)) ledgers.set(databaseId, await ledgerOf(databaseId));
  const { answers, silent } = await askAll([...ledgers.keys()], async (client, id) => {
    const ids = (ledgers.get(id) ?? []).map((row) => row.id);
    const { rows: missing } = await client.query<{ id: string }>(
      `SELECT wanted.erasure AS id FROM unnest($1::text[]) AS wanted (erasure)
        WHERE NOT EXISTS (SELECT FROM caretaker.audit_logs WHERE resource_id = wanted.erasure AND action = 'erase' AND resource_type = 'erasures')`,
      [ids],
    );
    return { missing: missing.map((row) => row.id), months: (await hotMonths(client)).map(({ month }) => month) };
  });
  const names = await databaseNames([...ledgers.keys()]);
  const due: DueReplay[] = [];
  for (const { databaseId, value } of answers) {
    // An entry of an archived month is not in PostgreSQL, and rightly so, unless such a month is there: then it is a backup from before.
    const away = new Set(await monthsAway(databaseId));
    const isPutBack = value.months.some((month) => away.has(month));
    const missing = (ledgers.get(databaseId) ?? []).filter(
      ({ id, finishedAt }) =>
        value.missing.includes(id) && (isPutBack || !away.has(new Date(finishedAt).toISOString().slice(0, 7))),
    );
    if (missing.length > 0)
      due.push({ database: databaseId, databaseName: names.get(databaseId) ?? databaseId, erasures: missing.length });
  }
  return { due, silent };
}
