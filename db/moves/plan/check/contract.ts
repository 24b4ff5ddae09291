import { controlPool } from "../../../control.ts";
import type { MoveProblem } from "../../contract.ts";
import type { MovingTenant, Place } from "../place.ts";

/** What a tenant's contract promises, and the region of the server that it would come to. */
interface Promised {
  residency: string | null;
  dedicated: boolean;
  region: string | null;
}

/** What stands in the contract against the new place; a server whose region nobody said is in none, as placing has it. */
export async function checkContract(tenant: MovingTenant, to: Place): Promise<MoveProblem[]> {
  const { rows } = await controlPool().query<Promised>(
    "SELECT t.residency, t.dedicated, s.region FROM tenants t, servers s WHERE t.id = $1 AND s.id = $2",
    [tenant.id, to.serverId],
  );
  const [promised] = rows;
  if (!promised) throw new Error(`There is no server ${to.serverId}.`);
  return [...residence(tenant, to, promised), ...alone(tenant, to, promised)];
}

function residence({ name, place }: MovingTenant, to: Place, { residency, region }: Promised): MoveProblem[] {
  if (residency === null || region === residency) return [];
  const stays = to.serverId === place.serverId;
  return [
    {
      severity: stays ? "warning" : "blocking",
      code: "residency",
      subject: to.serverName,
      message: `The contract of ${name} says ${residency}, and the region of ${to.serverName} is ${region ?? "not known"}${stays ? "; it is there already" : ""}.`,
      fix: `Choose a server in ${residency}, or say under Tenants, Servers, Capacity… that this one is there.`,
    },
  ];
}

function alone({ name }: MovingTenant, to: Place, { dedicated }: Promised): MoveProblem[] {
  if (!dedicated || to.tier === "database") return [];
  return [
    {
      severity: "blocking",
      code: "dedicated",
      subject: to.databaseName,
      message: `The contract of ${name} says that it shares its database with nobody, and others live in ${to.databaseName}.`,
      fix: "Move it to a database of its own, or change what its page says of the contract.",
    },
  ];
}
