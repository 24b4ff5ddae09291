import { literal } from "../statement.ts";
import { type CapturedTable, type CaptureOptions, type Entry, insertEntries, triggerFunction } from "./entry.ts";
import { now, ownership } from "./functions.ts";
import { rowStateInSteps, rowsOf, slotsOf } from "./rows.ts";

// Stands for the table, or the partition of it, that is being truncated. No name can hold it.
const truncated = "\u0000";

const context = `(SELECT $1::text[] AS setting, $2::inet AS address, $3::jsonb AS details, $4::bytea AS mask_inner, $5::bytea AS mask_outer) AS context
   CROSS JOIN LATERAL `;

/**
 * TRUNCATE has no transition table. Rows are counted up to a million, whatever the statistics say, since counting more would
 * hold the application up; beyond that it is the planner's estimate; a partition counts its own. Up to `caretaker.settings.truncate_rows_max` rows are also kept, each
 * as an entry of its own, a delete; where they are not, `not_kept` says why: the limit, or the error's code. That statement is dynamic, because one function serves the table and its partitions; when the
 * table has no longer the shape that it was generated for, counting is all.
 */
export function truncateFunction(table: CapturedTable, { clock = now }: CaptureOptions): string {
  const slots = slotsOf(table);
  const row: Entry = {
    action: "delete",
    from: `${rowsOf(table, slots, `ONLY ${truncated}`)} AS o`,
    ...ownership(table, slots, "o"),
    state: rowStateInSteps(table, slots, "o"),
    side: "before",
  };
  const [before = "", after = ""] = insertEntries(table, slots, row, clock, context).replace(/;$/, "").split(truncated);
  const masks = table.masked.length > 0 ? "mask_inner, mask_outer" : "NULL::bytea, NULL::bytea";
  const marker: Entry = { action: "truncate", from: "(SELECT) AS one", tenant: "NULL::text", key: "NULL::text" };
  const body = `
  SELECT least(s.truncate_rows_max, 1000000) INTO context.allowed FROM caretaker.settings AS s;
  EXECUTE format('SELECT count(*) FROM (SELECT FROM ONLY %s LIMIT 1000001) AS counted', TG_RELID::regclass) INTO context.amount;
  estimated := amount > 1000000;
  IF estimated THEN
    SELECT greatest(c.reltuples::bigint, amount) INTO context.amount FROM pg_class AS c WHERE c.oid = TG_RELID;
  ELSE
    kept := coalesce(amount <= allowed, false);
  END IF;
  IF kept AND amount > 0 THEN
    BEGIN
      EXECUTE ${literal(before)} || TG_RELID::regclass || ${literal(after)}
        USING setting, address, coalesce(details, '{}') || jsonb_build_object('truncate', true), ${masks};
    EXCEPTION WHEN OTHERS THEN
      kept := false;
      failure := SQLSTATE;
    END;
  END IF;
  details := coalesce(details, '{}') || jsonb_build_object('rows', amount, 'estimated', estimated, 'kept', kept);
  IF NOT kept THEN
    details := details || jsonb_build_object('not_kept', CASE WHEN failure IS NULL THEN jsonb_build_object('limit', allowed)
                                                              ELSE jsonb_build_object('error', failure) END);
  END IF;
${insertEntries({ ...table, tenant: null }, [], marker, clock)}`;
  const variables =
    "\n  amount bigint;\n  allowed bigint;\n  estimated boolean;\n  kept boolean := false;\n  failure text;";
  return triggerFunction(table, "truncate", { variables, body });
}
