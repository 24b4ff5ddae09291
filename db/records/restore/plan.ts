import { type Actor, authorise } from "../../actor.ts";
import { auditedDatabase } from "../../audit/scope.ts";
import { withDatabase } from "../../fleet.ts";
import { managedTablesOf } from "../managed.ts";
import { buildPlan } from "./build.ts";
import type { PlanRestore, RestorePlan } from "./contract.ts";

/** What restoring one row would do, and what stands in its way. Changes nothing. */
export async function planRestore(actor: Actor, input: PlanRestore): Promise<RestorePlan> {
  authorise(actor, "records.read");
  const { id, name } = await auditedDatabase(input.database);
  const managed = await managedTablesOf(id);
  const { plan } = await withDatabase(id, (client) => buildPlan(client, { id, name, managed }, input, false));
  return plan;
}
