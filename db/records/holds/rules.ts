import type { HoldRule } from "../../audit/retention/contract.ts";
import { controlPool } from "../../control.ts";
import { consoleDatabase, withDatabase } from "../../fleet.ts";
import { asWritten, invalid } from "../../holding/as-written.ts";
import { personRules } from "../../holding/person.ts";
import { holdableTables, modelOf } from "../../holding/tables.ts";
import { columnNamed, covers, keyColumnsOf } from "../../managed/holds/rule.ts";
import type { ParsedHold } from "./contract.ts";

/**
 * What a hold comes to in its database, with keys and values as the audit log writes them. A hold that is about every database
 * names things by their words only.
 */
export async function rulesFor(input: ParsedHold): Promise<HoldRule[]> {
  const { databaseId, tenant } = input;
  const [schema = null, table = null] = input.table?.split(".") ?? [];
  const rule: HoldRule = { schema, table, tenant, record: input.record, values: input.where };
  if (databaseId === null || databaseId === consoleDatabase) {
    if (schema !== null && table !== null) await requireSomewhere(databaseId, { schema, table });
    return [rule];
  }
  const model = await modelOf(databaseId);
  return withDatabase(databaseId, async (client) => {
    if (input.kind === "person") return personRules(client, model, input.person ?? "");
    if (table === null) return [rule];
    const tables = await holdableTables(client, model);
    const found = tables.find((one) => one.schema === schema && one.name === table);
    if (!found) throw invalid("table", "There is no such table in the model of this database.");
    const missing = Object.keys(rule.values).find((name) => !columnNamed(found, name));
    if (missing !== undefined) throw invalid("where", `${input.table} has no column ${missing}.`);
    if (rule.record !== null && keyColumnsOf(found).length === 0) throw invalid("record", `${input.table} has no key.`);
    if (!covers(rule, found)) throw invalid("tenant", `Rows of ${input.table} do not say that they are this tenant's.`);
    return [{ ...rule, ...(await asWritten(client, found, rule)) }];
  });
}

/** A hold on a table that no database has would be in force everywhere and keep nothing. */
async function requireSomewhere(databaseId: string | null, named: { schema: string; table: string }): Promise<void> {
  const { rows } = await controlPool().query<{ there: boolean }>(
    `SELECT to_regclass(format('%I.%I', $1::text, $2::text)) IS NOT NULL
            OR $3 AND EXISTS (SELECT FROM managed_tables AS t JOIN databases AS d ON d.id = t.database_id
                               WHERE t.schema = $1 AND t.name = $2 AND d.adopted_at IS NOT NULL AND d.released_at IS NULL) AS there`,
    [named.schema, named.table, databaseId === null],
  );
  if (rows[0]?.there) return;
  throw invalid(
    "table",
    databaseId === null ? "There is no such table in any database." : "The console has no such table.",
  );
}
