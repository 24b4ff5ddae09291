import type pg from "pg";
import { Refusal } from "../../errors.ts";
import { covers, type Hold, type HoldableTable } from "../../managed/holds/rule.ts";

/**
 * The triggers walk from a row to its tenant with the rights of the console's role. Where row security hid a parent from it, a
 * held row would look like nobody's, so that such a hold is refused.
 */
export async function requireSight(
  client: pg.ClientBase,
  holds: readonly Hold[],
  tables: readonly HoldableTable[],
): Promise<void> {
  const walked = tables.flatMap((table) => {
    const { tenant } = table;
    if (tenant?.kind !== "path") return [];
    const held = holds.some(({ rules }) => rules.some((rule) => rule.tenant !== null && covers(rule, table)));
    return held ? [table, ...tenant.steps.map(({ schema, table: name }) => ({ schema, name }))] : [];
  });
  if (walked.length === 0) return;
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT w.schema || '.' || w.name AS name
       FROM unnest($1::text[], $2::text[]) AS w (schema, name)
       JOIN pg_namespace AS n ON n.nspname = w.schema
       JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
      WHERE row_security_active(c.oid)
        AND (EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND NOT p.polpermissive)
          OR NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'caretaker_staff'))
      ORDER BY 1 LIMIT 3`,
    [walked.map(({ schema }) => schema), walked.map(({ name }) => name)],
  );
  if (rows.length === 0) return;
  throw new Refusal(
    "unsupported",
    `Row security of ${rows.map(({ name }) => name).join(", ")} hides rows from the console's role.`,
    {
      fix: "Give the role BYPASSRLS: then the hold comes to stand by itself.",
    },
  );
}
