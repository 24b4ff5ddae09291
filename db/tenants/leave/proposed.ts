import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";

export interface LeavingTenant {
  id: string;
  key: string;
  name: string;
}

/** The suspended tenants that proposals to delete name, for whoever looks at their plans; tenants of two databases may share a name. */
export async function tenantsToDelete(
  actor: Actor,
  proposals: readonly { subject: string }[],
): Promise<LeavingTenant[]> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<LeavingTenant>(
    "SELECT id, key, name FROM tenants WHERE btrim(name) = ANY ($1) AND status = 'suspended' ORDER BY key, id",
    [proposals.map(({ subject }) => subject)],
  );
  return rows;
}
