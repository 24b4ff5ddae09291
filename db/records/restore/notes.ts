import { and, eq, inArray } from "drizzle-orm";
import { archivesOf } from "../../audit/archive/registry.ts";
import { control } from "../../control.ts";
import { erasures } from "../../schema/erasures.ts";
import { carriedLog, problems, rows } from "./scratch.ts";
import { recordedIn, type Work } from "./work.ts";

/** What else somebody should know before they agree to the plan. */
export async function notesOf(work: Work): Promise<string[]> {
  return [
    ...(await movedNote(work)),
    ...(await erasedThere(work)),
    ...(await suspended(work)),
    ...(await unsearched(work)),
    ...(await unknownLinks(work)),
  ];
}

async function movedNote({ client, database, moving }: Work): Promise<string[]> {
  if (!moving) return [];
  const { tenant, from, schema } = moving;
  const { rows: asked } = await client.query<{ schema: string }>(
    `SELECT DISTINCT schema_then AS schema FROM ${carriedLog} WHERE asked ORDER BY 1`,
  );
  const then = asked.map((one) => one.schema);
  if (from.id === database.id && then.every((one) => one === schema))
    return [`Only rows of tenant ${tenant} are planned, which lives in ${database.name}, schema ${schema}.`];
  const left = [from.name, ...(then.length === 0 ? [] : [`schema ${then.join(" and ")}`])].join(", ");
  return [
    `It was deleted in ${left}; it is written to ${database.name}, schema ${schema}, where its tenant ${tenant} lives now.`,
  ];
}

/** An erasure looks through one database, and what is carried over comes from the log of another. */
async function erasedThere({ database, moving }: Work): Promise<string[]> {
  if (!moving || moving.from.id === database.id) return [];
  const ended = inArray(erasures.state, ["done", "incomplete"]);
  if ((await control().$count(erasures, and(eq(erasures.databaseId, database.id), ended))) === 0) return [];
  return [
    `People were erased in ${database.name}, which does not reach the log of ${moving.from.name}: make sure that these rows name none of them.`,
  ];
}

/** The log cannot tell which rows pointed to a deleted one where their table is not audited. */
async function unknownLinks({ client, tables, managed, undoing }: Work): Promise<string[]> {
  if (undoing) return [];
  const { rows: removed } = await client.query<{ tab: number }>(
    `SELECT DISTINCT tab FROM ${rows} WHERE act = 'insert' AND origin IN ('asked', 'child') ORDER BY tab`,
  );
  const clears = removed.flatMap(({ tab }) =>
    (tables[tab]?.shape?.children ?? []).filter(
      ({ onDelete }) => onDelete === "set null" || onDelete === "set default",
    ),
  );
  const unaudited = clears.filter(
    ({ schema, table }) => managed.find((one) => one.schema === schema && one.name === table)?.audited !== true,
  );
  return [...new Set(unaudited.map(({ schema, table }) => `${schema}.${table}`))].map(
    (table) => `Which rows of ${table} pointed to what was deleted is not known, because the table is not audited.`,
  );
}

/** Suspension closes a tenant to its own requests, and not to an administrator; the rows are there when it is reopened. */
async function suspended({ client }: Work): Promise<string[]> {
  const { rows: found } = await client.query<{ tenant: string }>(
    `SELECT s.tenant_key AS tenant FROM caretaker.suspended_tenants AS s
      WHERE s.tenant_key IN (SELECT r.tenant FROM ${rows} AS r WHERE r.state = 'open') ORDER BY 1 LIMIT 10`,
  );
  return found.map(
    ({ tenant }) => `Tenant ${tenant} is suspended: its rows come back, and its people see them once it is reopened.`,
  );
}

async function unsearched(work: Work): Promise<string[]> {
  const { rowCount } = await work.client.query(
    `SELECT FROM ${problems} WHERE code IN ('parent_missing', 'lost') LIMIT 1`,
  );
  if (rowCount === 0) return [];
  const months = (await archivesOf([recordedIn(work).id]))
    .filter(({ state }) => state === "cold")
    .map(({ month }) => month);
  if (months.length === 0) return [];
  return [`What is missing may lie in archived months, which were not searched: ${months.toSorted().join(", ")}.`];
}
