import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { enqueue } from "../jobs/enqueue.ts";
import { readDatabaseRow } from "./stored-model.ts";

/** Asks a worker to read the tenants table again. Answers the job's id. */
export async function startTenantSync(actor: Actor, databaseId: string): Promise<string> {
  authorise(actor, "databases.manage");
  const { name, tenantsTable, ownTenantKey } = await readDatabaseRow(databaseId);
  if (!tenantsTable && ownTenantKey === null) {
    throw new Refusal("unsupported", `The model of ${name} names no tenants table.`, {
      fix: "Choose it in the model first.",
    });
  }
  return enqueue(actor, { kind: "tenants.sync", title: `Tenants of ${name}`, input: { databaseId } });
}
