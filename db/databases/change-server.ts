import { and, asc, eq, isNull } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { connectOnce, faultOf, type ServerAddress } from "../connection.ts";
import { control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { databases, servers } from "../schema/fleet.ts";
import { seal } from "../secrets/seal.ts";
import type { ChangeServer } from "./contract.ts";
import { parseServer } from "./server-url.ts";
import { noSuchServer, requireUsable, type Server, toServer } from "./servers.ts";

/**
 * Changes where and as whom a server is reached, once every database of it that the fleet knows answers there as well. The password is
 * given anew: the one that is kept goes to no other address. Pools of before are replaced at their next use, in every process.
 */
export async function changeServer(actor: Actor, { serverId, ...input }: ChangeServer): Promise<Server> {
  authorise(actor, "databases.manage");
  const { server, database } = parseServer(input);
  const known = await control()
    .select({ name: databases.name, adoptedAt: databases.adoptedAt })
    .from(databases)
    .where(and(eq(databases.serverId, serverId), isNull(databases.releasedAt)))
    .orderBy(asc(databases.name));
  await requireUsable(server, database);
  for (const one of known) await requireSame(server, one);
  const { password, ...shown } = server;
  return inControl(actor, async (tx) => {
    const [changed] = await tx
      .update(servers)
      .set({ ...shown, maintenanceDatabase: database, credential: seal(password, serverId) })
      .where(and(eq(servers.id, serverId), isNull(servers.removedAt)))
      .returning();
    if (changed) return toServer(changed);
    throw noSuchServer();
  });
}

/** What is adopted here bears Caretaker's schema there too: else it is another server, whose rows would be taken for these. */
async function requireSame(server: ServerAddress, { name, adoptedAt }: { name: string; adoptedAt: string | null }) {
  try {
    const client = await connectOnce(server, name);
    const asked = client.query<{ stands: boolean }>("SELECT to_regclass('caretaker.installed') IS NOT NULL AS stands");
    const { rows } = await asked.finally(() => client.end());
    if (adoptedAt === null || rows[0]?.stands === true) return;
  } catch (error) {
    const fault = faultOf(error, server, name);
    throw fault ? new Refusal("unreachable", `${name}: ${fault.what}`, { fix: fault.fix, cause: error }) : error;
  }
  throw new Refusal("conflict", `${name} is adopted, and the database ${name} at this address is not.`, {
    fix: "Check host and port: this is another server.",
  });
}
