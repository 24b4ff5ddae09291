import type { HoldRule } from "../../audit/retention/contract.ts";
import { consoleDatabase, withDatabase } from "../../fleet.ts";
import { columnNamed, covers, keyColumnsOf } from "../../managed/holds/rule.ts";
import { asWritten, invalid } from "./as-written.ts";
import type { ParsedHold } from "./contract.ts";
import { personRules } from "./person.ts";
import { holdableTables, modelOf } from "./tables.ts";

/**
 * What a hold comes to in its database, with keys and values as the audit log writes them. A hold that is about every database
 * names things by their words only.
 */
export async function rulesFor(input: ParsedHold): Promise<HoldRule[]> {
  const { databaseId, tenant } = input;
  const [schema = null, table = null] = input.table?.split(".") ?? [];
  const rule: HoldRule = { schema, table, tenant, record: input.record, values: input.where };
  if (databaseId === null || databaseId === consoleDatabase) return [rule];
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
