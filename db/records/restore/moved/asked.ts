import { conditions, type Values } from "../../../audit/conditions.ts";
import { byEntryId, isEntryId } from "../../../audit/entry-id.ts";
import { askedBy } from "../../../audit/query/asked.ts";
import { termsIn } from "../../../audit/query/people.ts";
import { type PlanRestore, rowsInPlan } from "../contract.ts";
import { formOf } from "../from.ts";
import { entryRefs, markedRefs, type RecordRef, refOf } from "../load/refs.ts";
import { tooMany } from "../refusals.ts";
import { carriedLog } from "../scratch.ts";
import type { Moving, Work } from "../work.ts";
import { carryOwn } from "./carry.ts";
import { standsIn } from "./moved.ts";

/**
 * Carries over the entries that a plan of a moved tenant starts from, with all of its own of the same transactions. Answers what is
 * asked for by the names that the tables have where the tenant lives.
 */
export async function carryAsked(work: Work, moving: Moving, input: PlanRestore): Promise<PlanRestore> {
  const { entry, version, schema = "", table = "", record = "", transaction, row = [], q } = input;
  const form = formOf(input);
  const marked = form === "record" ? [{ schema, name: table, record }] : markedRefs(row);
  await carryIds(work, moving, [...((entry ?? version) ? [entry ?? version ?? ""] : []), ...entryRefs(row)]);
  for (const ref of marked) await carryMarking(work, moving, ref);
  if (transaction !== undefined) await carryTransactions(work, moving, [transaction], true);
  if (q !== undefined) await carryFilter(work, moving, q);
  if (form !== "version" && form !== "transaction")
    await carryTransactions(work, moving, await askedTransactions(work));
  const there = standsIn(moving, { schema, name: table });
  return {
    ...input,
    ...(form === "record" || form === "version" ? { schema: there.schema } : {}),
    ...(form === "row"
      ? { row: [...entryRefs(row), ...marked.map((ref) => refOf({ ...ref, ...standsIn(moving, ref) }))] }
      : {}),
  };
}

async function carryIds(work: Work, moving: Moving, given: readonly string[]): Promise<void> {
  const ids = given.filter(isEntryId);
  if (ids.length === 0) return;
  const source = (values: Values) => ({
    from: `unnest(${values.add(ids)}::bigint[]) AS asked (id)
          CROSS JOIN LATERAL (SELECT log.* FROM caretaker.audit_logs AS log WHERE ${byEntryId("asked.id")}) AS audit_logs`,
  });
  await carryOwn(work, moving, source, true);
}

/** What marked a row as deleted, as far as the log knows. */
async function carryMarking(work: Work, moving: Moving, { schema, name, record }: RecordRef): Promise<void> {
  const there = standsIn(moving, { schema, name });
  const mark = work.managed.find((table) => table.schema === there.schema && table.name === name)?.softDelete;
  if (!mark) return;
  const source = (values: Values) => ({
    from: "caretaker.audit_logs",
    where: `resource_id = ${values.add(record)} AND resource_type = ${values.add(name)} AND resource_schema = ${values.add(schema)}
        AND action = 'update' AND changes ? ${values.add(mark.column)}`,
  });
  await carryOwn(work, moving, source, true);
}

async function carryFilter(work: Work, moving: Moving, q: string): Promise<void> {
  const [asked] = await askedBy({ database: moving.from.id, q });
  if (!asked) return;
  const terms = await termsIn(moving.log, asked);
  const marks = work.managed.flatMap(({ softDelete }) => softDelete?.column ?? []);
  const found = (which: (values: Values) => string) => (values: Values) => {
    const where = [
      which(values),
      ...conditions(values, terms),
      `(action = 'delete' OR action = 'update' AND changes ?| ${values.add(marks)}::text[])`,
    ];
    return { from: "caretaker.audit_logs", where: where.join(" AND ") };
  };
  const named = found((values) => `tenant_id = ${values.add(moving.tenant)}`);
  const entries = await carryOwn(work, moving, named, true, rowsInPlan + 1);
  if (entries > rowsInPlan)
    throw tooMany(`The filter finds more than ${rowsInPlan} entries of tenant ${moving.tenant}`);
  // What a cascade took has no tenant in the log, and is nobody's that the filter finds elsewhere.
  const transactions = await askedTransactions(work);
  const beside = found(
    (values) => `tenant_id IS NULL AND transaction_id = ANY (${values.add(transactions)}::text[]::xid8[])`,
  );
  await carryOwn(work, moving, beside, true);
}

async function askedTransactions({ client }: Work): Promise<string[]> {
  const { rows } = await client.query<{ transaction: string }>(
    `SELECT DISTINCT transaction_id::text AS transaction FROM ${carriedLog} WHERE asked`,
  );
  return rows.map(({ transaction }) => transaction);
}

async function carryTransactions(
  work: Work,
  moving: Moving,
  transactions: readonly string[],
  asked = false,
): Promise<void> {
  if (transactions.length === 0) return;
  const source = (values: Values) => ({
    from: "caretaker.audit_logs",
    where: `transaction_id = ANY (${values.add(transactions)}::text[]::xid8[])`,
  });
  await carryOwn(work, moving, source, asked);
}
