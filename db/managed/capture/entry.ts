import { createHash } from "node:crypto";
import { literal, relation } from "../statement.ts";
import type { Column } from "./columns.ts";
import { dollarQuoted } from "./dollar-quote.ts";
import { type Slot, withAbsent } from "./rows.ts";
import { fallsBack, type TenantSource } from "./tenant.ts";

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

const declarations = `
  actor text := left(nullif(current_setting('app.current_user_id', true), ''), 200);
  tenant text := left(nullif(current_setting('app.current_tenant_id', true), ''), 200);
  agent text := left(nullif(current_setting('app.user_agent', true), ''), 1000);
  request text := left(nullif(current_setting('app.request_id', true), ''), 200);
  given text := nullif(current_setting('app.ip_address', true), '');
  address inet;
  details jsonb;
  xact xid8 := pg_current_xact_id();`;

// A plain IPv4 address is read at once, anything else by a function that cannot fail.
const readContext = `
  IF given ~ '^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.]|$)){4}$' THEN
    address := given::inet;
  ELSIF given IS NOT NULL THEN
    address := caretaker.address(given);
    details := caretaker.circumstances();
  END IF;
  IF actor IS NULL OR coalesce(current_setting('app.reason', true), '') <> '' THEN
    details := caretaker.circumstances();
  END IF;`;

const readMaskKeys = `
  SELECT k.inner_key, k.outer_key INTO STRICT mask_inner, mask_outer FROM caretaker.mask_keys AS k;`;

/**
 * CREATE FUNCTION for one event's trigger. `jit` is off because one plan serves a session's single rows and its bulk loads; the plan
 * is generic because planning again costs a single-row update a quarter of its CPU (345 µs against 260, measured).
 * Variables are always named with their block's label, so that no column can be taken for one.
 */
export function triggerFunction(table: CapturedTable, event: string, variables: string, body: string): string {
  const masks = table.masked.length > 0 && event !== "truncate";
  const text = `#variable_conflict use_column
<<context>>
DECLARE${declarations}${masks ? "\n  mask_inner bytea;\n  mask_outer bytea;" : ""}${variables}
BEGIN${readContext}${masks ? readMaskKeys : ""}
${body}
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${captureFunction(table, event)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
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
  before?: string;
  after?: string;
  changed?: string;
}

/** INSERT of one entry for each row of the entry's `from`. */
export function insertEntries(table: CapturedTable, slots: readonly Slot[], entry: Entry, clock: string): string {
  const selected = [
    `${clock} AS at`,
    `${entry.tenant} AS tenant_key`,
    `${entry.key} AS key`,
    `${entry.newKey ?? "NULL::text"} AS new_key`,
    `${entry.before ?? "NULL::jsonb"} AS before`,
    `${entry.after ?? "NULL::jsonb"} AS after`,
    `${entry.changed ?? "NULL::jsonb"} AS changed`,
  ];
  const rows = withAbsent(
    slots,
    `         SELECT ${selected.join(",\n                ")}\n           FROM ${entry.from}`,
  );
  const tenant = fallsBack(table.tenant) ? "coalesce(e.tenant_key, context.tenant)" : "e.tenant_key";
  return `  INSERT INTO caretaker.audit_logs (id, created_at, tenant_id, user_id, ip_address, user_agent, action, resource_schema, resource_type,
                                    resource_id, old_values, new_values, changes, request_id, transaction_id, metadata)
  SELECT floor(date_part('epoch', e.at) * 1000)::bigint << 20 | (nextval('caretaker.entry_sequence') & 1048575), e.at,
         ${tenant}, context.actor, context.address, context.agent,
         ${literal(entry.action)}, ${literal(table.schema)}, ${literal(table.name)}, e.key, e.before, e.after, e.changed,
         context.request, context.xact, ${entry.newKey ? withNewKey : "context.details"}
    FROM ${rows} AS e;`;
}

const withNewKey = `CASE WHEN e.new_key IS DISTINCT FROM e.key
              THEN coalesce(context.details, '{}') || jsonb_build_object('new_key', e.new_key) ELSE context.details END`;
