import { randomUUID } from "node:crypto";
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { connectOnce, faultOf, type ServerAddress, type TlsMode } from "../connection.ts";
import { control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { openServer } from "../fleet-register.ts";
import { databases, servers } from "../schema/fleet.ts";
import { seal } from "../secrets/seal.ts";
import type { AddServer } from "./contract.ts";
import { parseServer } from "./server-url.ts";
import { type ListedDatabase, listDatabases, reportOn } from "./test-connection.ts";

/** A server as it may leave the process: without its password. */
export interface Server {
  id: string;
  name: string;
  host: string;
  port: number;
  tlsMode: TlsMode;
  /** The authority that signed its certificate, where it is not a public one. */
  tlsCertificate: string | null;
  username: string;
  /** Where the server itself is asked. */
  maintenanceDatabase: string;
  addedAt: string;
}

/** Adds a server that answers in the named database, where it is asked from then on. The password is sealed. */
export async function addServer(actor: Actor, input: AddServer): Promise<Server> {
  authorise(actor, "databases.manage");
  const { server, database } = parseServer(input);
  await requireUsable(server, database);
  const id = randomUUID();
  const { password, ...shown } = server;
  return inControl(actor, async (tx) => {
    const [added] = await tx
      .insert(servers)
      .values({ id, name: input.name, ...shown, maintenanceDatabase: database, credential: seal(password, id) })
      .onConflictDoNothing()
      .returning();
    if (added) return toServer(added);
    throw new Refusal("conflict", `There is already a server named ${input.name}.`, {
      fix: "Choose another name.",
      fieldErrors: { name: "Taken." },
    });
  });
}

export async function requireUsable(server: ServerAddress, database: string): Promise<void> {
  const { fault } = await reportOn(server, database);
  if (!fault) return;
  throw new Refusal(fault.step === "version" ? "unsupported" : "unreachable", fault.what, { fix: fault.fix });
}

export async function listServers(actor: Actor): Promise<Server[]> {
  authorise(actor, "databases.read");
  const rows = await control().select().from(servers).where(isNull(servers.removedAt)).orderBy(asc(servers.name));
  return rows.map(toServer);
}

/** Forgets a server that manages nothing any more. Its row stays for the log, its password goes. */
export async function removeServer(actor: Actor, serverId: string): Promise<void> {
  authorise(actor, "databases.manage");
  await inControl(actor, async (tx) => {
    const [locked] = await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId)).for("update");
    if (!locked) throw noSuchServer();
    const held = await tx
      .select({ name: databases.name })
      .from(databases)
      .where(and(eq(databases.serverId, serverId), isNull(databases.releasedAt)));
    if (held.length > 0) {
      throw new Refusal("conflict", `The server still holds ${held.map((one) => one.name).join(", ")}.`, {
        fix: "Remove these databases from Caretaker first.",
      });
    }
    await tx.update(servers).set({ removedAt: sql`now()`, credential: "" }).where(eq(servers.id, serverId));
  });
}

/** The databases of a server, with those already in the fleet marked by their id. */
export async function listServerDatabases(
  actor: Actor,
  serverId: string,
): Promise<(ListedDatabase & { databaseId: string | null })[]> {
  authorise(actor, "databases.manage");
  const server = await openServer(serverId);
  const known = await control()
    .select({ id: databases.id, name: databases.name })
    .from(databases)
    .where(and(eq(databases.serverId, serverId), isNull(databases.releasedAt)));
  const listed = await onServer(server, server.maintenanceDatabase, known.at(0)?.name);
  return listed.map((one) => ({ ...one, databaseId: known.find((row) => row.name === one.name)?.id ?? null }));
}

/** That database may be gone by now, or closed to the role: then one of the known ones answers as well. */
async function onServer(server: ServerAddress, first: string, second: string | undefined): Promise<ListedDatabase[]> {
  try {
    const client = await connectOnce(server, first);
    return await listDatabases(client).finally(() => client.end());
  } catch (error) {
    const fault = faultOf(error, server, first);
    const shut = fault?.step === "database" || fault?.step === "privilege" || fault?.step === "refused";
    if (shut && second) return onServer(server, second, undefined);
    throw fault ? new Refusal("unreachable", fault.what, { fix: fault.fix, cause: error }) : error;
  }
}

export function noSuchServer(): Refusal {
  return new Refusal("not_found", "There is no such server.", { fix: "Choose one from Databases." });
}

export function toServer(row: typeof servers.$inferSelect): Server {
  const { id, name, host, port, tlsMode, tlsCertificate, username, maintenanceDatabase, addedAt } = row;
  return { id, name, host, port, tlsMode, tlsCertificate, username, maintenanceDatabase, addedAt };
}
