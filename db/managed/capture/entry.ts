import { createHash } from "node:crypto";
import { literal, relation } from "../statement.ts";
import { changesOf } from "./changes.ts";
import type { Column } from "./columns.ts";
import { dollarQuoted } from "./dollar-quote.ts";
import { type RowState, type Slot, withAbsent } from "./rows.ts";
import { fallsBack, shortened, type TenantSource } from "./tenant.ts";

export interface CapturedTable {
  schema: string;
  name: string;
  columns: Column[];
  primaryKey: string[];
  /** A partitioned table (relkind p). */
  partitioned: boolean;
  tenant: TenantSource | null;
  masked: string[];
  /** Changes of these alone make no entry, and they are never listed in `changes`; the row's states hold them. */
  ignored: string[];
}

export interface CaptureOptions {
  /** SQL for the time of an entry, instead of the clock; for seeding a demo's past only. */
  clock?: string;
}

/** The name that a table's capture functions share: readable, and unique also where long names would be cut. */
export function captureName(table: { schema: string; name: string }): string {
  const readable = table.name.replaceAll(/[^A-Za-z0-9_]/g, "_").slice(0, 24);
  const digest = createHash("sha256")
    .update(JSON.stringify([table.schema, table.name]))
    .digest("hex");
  return `capture_${readable}_${digest.slice(0, 8)}`;
}

export function captureFunction(table: { schema: string; name: string }, part: string): string {
  return relation("caretaker", `${captureName(table)}_${part}`);
}

// Read in one go: each assignment in PL/pgSQL takes a snapshot of its own.
const declarations = `
  setting text[] := ARRAY[
    current_setting('app.current_user_id', true), current_setting('app.current_tenant_id', true),
    current_setting('app.ip_address', true), current_setting('app.user_agent', true),
    current_setting('app.request_id', true),
    concat(current_setting('app.reason', true), current_setting('app.impersonator_id', true), current_setting('app.api_key', true),
           nullif(current_setting('role'), 'none'), current_setting('caretaker.move', true))];
  address inet;
  details jsonb := jsonb_build_object('role', session_user);`;

/**
 * What is not plain of the context. Rows that a move carries from one place of a tenant to another are in the log already, of the place
 * where they were written: only the owner of the log, who could switch it off anyway, is taken for a mover. Looked at here and not by
 * the trigger, whose WHEN PostgreSQL would parse anew for every statement, for a tenth of a single update.
 */
export const readCircumstances = `
  IF coalesce(setting[1], '') = '' OR setting[6] <> '' THEN
    IF current_setting('caretaker.move', true) <> '' AND caretaker.is_mover() THEN
      RETURN NULL;
    END IF;
    details := caretaker.circumstances();
  END IF;`;

// A plain IPv4 address is read at once, anything else by a function that cannot fail.
const readContext = `
  IF setting[3] ~ '^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.]|$)){4}$' THEN
    address := setting[3]::inet;
  ELSIF setting[3] <> '' THEN
    address := caretaker.address(setting[3]);
    details := caretaker.circumstances();
  END IF;${readCircumstances}`;

const actor = shortened("nullif(context.setting[1], '')", 200);
const tenant = shortened("nullif(context.setting[2], '')", 200);
const agent = shortened("nullif(context.setting[4], '')", 1000);
const request = shortened("nullif(context.setting[5], '')", 200);

const readMaskKeys = `
  SELECT k.inner_key, k.outer_key INTO STRICT mask_inner, mask_outer FROM caretaker.mask_keys AS k;`;

interface FunctionParts {
  variables?: string;
  /** What runs before the context is read with care, and seldom leaves anything to do. It plans by itself. */
  first?: string;
  body: string;
}

const planner = "SET jit = off SET plan_cache_mode = force_generic_plan";

// The same for the part that needs it alone: settings of the function would cost 16 clients who update single rows a twentieth.
const settingPlanner = `
  planner := ARRAY[current_setting('jit'), current_setting('plan_cache_mode')];
  PERFORM set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true);`;
const resettingPlanner = `
  PERFORM set_config('jit', planner[1], true), set_config('plan_cache_mode', planner[2], true);`;

/**
 * CREATE FUNCTION for one event's trigger. `jit` is off because one plan serves a session's single rows and its bulk loads; the plan
 * is generic because planning again costs a single-row update a quarter of its CPU (345 µs against 260, measured).
 * Variables are always named with their block's label, so that no column can be taken for one.
 */
export function triggerFunction(
  table: CapturedTable,
  event: string,
  { variables = "", first = "", body }: FunctionParts,
): string {
  const masks = table.masked.length > 0;
  const text = `#variable_conflict use_column
<<context>>
DECLARE${declarations}${first === "" ? "" : "\n  planner text[];"}${masks ? "\n  mask_inner bytea;\n  mask_outer bytea;" : ""}${variables}
BEGIN${masks ? readMaskKeys : ""}${first}${readContext}${first === "" ? "" : settingPlanner}
${body}${first === "" ? "" : resettingPlanner}
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${captureFunction(table, event)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp${first === "" ? ` ${planner}` : ""}
AS ${dollarQuoted(text)}`;
}

/** What an event's entries hold, as SQL over the rows of `from`. */
export interface Entry {
  action: string;
  from: string;
  tenant: string;
  key: string;
  /** The key after an update that changed it. */
  newKey?: string;
  /** The row, and whether it is the state before the event or after it. */
  state?: RowState;
  side?: "before" | "after";
  /** An update's differences as text, empty when there are none; see capture/changes.ts. */
  differences?: string;
}

/**
 * INSERT of one entry for each row of the entry's `from`. Columns stand in the table's own order, which spares a projection, and
 * the inner query is fenced: the planner would otherwise compare every column twice. `context` is the block of the trigger's
 * variables, or in a dynamic statement a relation of that name, given in `context`.
 */
export function insertEntries(
  table: CapturedTable,
  slots: readonly Slot[],
  entry: Entry,
  clock: string,
  context = "",
): string {
  const inner = [
    `${clock} AS at`,
    `${entry.tenant} AS tenant_key`,
    `${entry.key} AS key`,
    ...(entry.newKey ? [`${entry.newKey} AS new_key`] : []),
    ...(entry.state?.inner ?? []),
    ...(entry.differences ? [`${entry.differences} AS differences`] : []),
  ];
  const rows = `         SELECT ${inner.join(",\n                ")}\n           FROM ${entry.from}\n         OFFSET 0`;
  const state = entry.state?.outer ?? "NULL";
  return `  ${insertInto("audit_logs_indexed")}
  SELECT e.at, ${entryId("e.at")}, pg_current_xact_id(),
         ${literal(entry.action)}, ${literal(table.schema)}, ${literal(table.name)}, e.key,
         ${fallsBack(table.tenant) ? `coalesce(e.tenant_key, ${tenant})` : "e.tenant_key"}, ${actor}, ${request}, context.address, ${agent},
         ${entry.side === "before" ? state : "NULL"}, ${entry.side === "after" ? state : "NULL"},
         ${entry.differences ? changesOf("e.differences") : "NULL"}, ${entry.newKey ? withNewKey("e.key", "e.new_key") : "context.details"}
    FROM ${context}${withAbsent(slots, rows)} AS e${entry.differences ? "\n   WHERE e.differences <> ''" : ""};`;
}

/** The same for one row that capture/single.ts has read into variables. It is staged; see sql/035-staged.ts. */
export function insertEntry(table: CapturedTable): string {
  return `  ${insertInto("audit_logs_staged")}
      VALUES (context.at, ${entryId("context.at")}, pg_current_xact_id(),
              'update', ${literal(table.schema)}, ${literal(table.name)}, context.entry_key,
              ${fallsBack(table.tenant) ? `coalesce(context.owner, ${tenant})` : "context.owner"}, ${actor}, ${request}, context.address, ${agent},
              context.state, NULL, ('{' || context.differences || '}')::jsonb, ${withNewKey("context.entry_key", "context.new_key")});`;
}

const insertInto = (
  stage: string,
) => `INSERT INTO caretaker.${stage} (created_at, id, transaction_id, action, resource_schema, resource_type, resource_id, tenant_id,
                                    user_id, request_id, ip_address, user_agent, old_values, new_values, changes, metadata)`;

const entryId = (at: string) =>
  `floor(date_part('epoch', ${at}) * 1000)::bigint << 20 | (nextval('caretaker.entry_sequence') & 1048575)`;

const withNewKey = (key: string, newKey: string) => `CASE WHEN ${newKey} IS DISTINCT FROM ${key}
              THEN coalesce(context.details, '{}') || jsonb_build_object('new_key', ${newKey}) ELSE context.details END`;
