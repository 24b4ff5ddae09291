import { createHash } from "node:crypto";
import { identifier, literal } from "../statement.ts";
import type { Column } from "./columns.ts";
import type { TenantSource } from "./tenant.ts";

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
  END IF;
  IF actor IS NULL OR coalesce(current_setting('app.reason', true), '') <> '' OR (given IS NOT NULL AND address IS NULL) THEN
    details := caretaker.circumstances();
  END IF;`;

const readMaskKeys = `
  SELECT k.inner_key, k.outer_key INTO STRICT mask_inner, mask_outer FROM caretaker.mask_keys AS k;`;

/** CREATE FUNCTION for one event's trigger. `jit` is off because one plan serves a session's single rows and its bulk loads. */
export function triggerFunction(table: CapturedTable, event: string, variables: string, body: string): string {
  const masks = table.masked.length > 0 && event !== "truncate";
  const text = `#variable_conflict use_variable
DECLARE${declarations}${masks ? "\n  mask_inner bytea;\n  mask_outer bytea;" : ""}${variables}
BEGIN${readContext}${masks ? readMaskKeys : ""}
${body}
  RETURN NULL;
END`;
  const quote = dollarQuote(text);
  return `
CREATE OR REPLACE FUNCTION caretaker.${identifier(`${captureName(table)}_${event}`)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
AS ${quote}
${text}
${quote}`.trim();
}

/** A quote that does not occur in the text, whatever a table or column may be called. */
function dollarQuote(text: string): string {
  let tag = "capture";
  while (text.includes(`$${tag}$`)) tag += "_";
  return `$${tag}$`;
}

/** INSERT of one entry for each row of `from`. */
export function insertEntries(
  table: CapturedTable,
  action: string,
  from: string,
  columns: Entry,
  clock: string,
): string {
  return `  INSERT INTO caretaker.audit_logs (id, created_at, tenant_id, user_id, ip_address, user_agent, action, resource_schema, resource_type,
                                    resource_id, old_values, new_values, changes, request_id, transaction_id, metadata)
  SELECT floor(date_part('epoch', e.at) * 1000)::bigint << 20 | (nextval('caretaker.entry_sequence') & 1048575), e.at, e.tenant_key,
         actor, address, agent, ${literal(action)}, ${literal(table.schema)}, ${literal(table.name)},
         e.key, e.before, e.after, e.changed, request, xact, ${columns.metadata ?? "details"}
    FROM (
      SELECT ${clock} AS at,
             ${columns.tenant} AS tenant_key,
             ${columns.key} AS key,
             ${columns.before} AS before,
             ${columns.after} AS after,
             ${columns.changed} AS changed${columns.newKey ? `,\n             ${columns.newKey} AS new_key` : ""}
        FROM ${from}
    ) AS e;`;
}

/** SQL of what differs between the events. */
export interface Entry {
  tenant: string;
  key: string;
  before: string;
  after: string;
  changed: string;
  newKey?: string;
  metadata?: string;
}
