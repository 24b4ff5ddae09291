import type pg from "pg";
import { Refusal } from "../errors.ts";
import { hiddenTables } from "../managed/hidden-tables.ts";
import { covers, type Hold, type HoldableTable } from "../managed/holds/rule.ts";

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
  if (walked.length > 0) await requireVisible(client, walked);
}

/** What is read of a table of which row security hides rows is no proof of what is not in it. */
export async function requireVisible(
  client: pg.ClientBase,
  tables: readonly { schema: string; name: string }[],
): Promise<void> {
  const hidden = await hiddenTables(client, tables);
  if (hidden.length === 0) return;
  throw new Refusal(
    "unsupported",
    `Row security of ${hidden.slice(0, 3).join(", ")} hides rows from the console's role.`,
    {
      fix: "Give the role BYPASSRLS: then the hold comes to stand by itself.",
    },
  );
}
