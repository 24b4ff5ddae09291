import { and, eq, isNull } from "drizzle-orm";
import type pg from "pg";
import { connectOnce, type ServerAddress } from "./connection.ts";
import { control } from "./control.ts";
import { Refusal } from "./errors.ts";
import { databases, servers } from "./schema/fleet.ts";
import { unseal } from "./secrets/seal.ts";

export interface RegisteredServer extends ServerAddress {
  /** Where the server itself is asked. */
  maintenanceDatabase: string;
}

/** A database of the fleet and how to reach it. Holds the password: it stays inside `db/`. */
export interface RegisteredDatabase {
  id: string;
  name: string;
  server: RegisteredServer;
  /** Changes whenever an administrator edits the server, so that open pools are replaced. */
  revision: string;
}

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export async function readRegistered(databaseId: string): Promise<RegisteredDatabase> {
  const [row] = uuid.test(databaseId)
    ? await control()
        .select({ id: databases.id, name: databases.name, server: servers })
        .from(databases)
        .innerJoin(servers, eq(servers.id, databases.serverId))
        .where(and(eq(databases.id, databaseId), isNull(databases.releasedAt), isNull(servers.removedAt)))
    : [];
  if (!row) {
    throw new Refusal("not_found", "There is no such database in the fleet.", {
      fix: "It may have been removed: choose one from Databases.",
    });
  }
  const { host, port, tlsMode, tlsCertificate, username, credential } = row.server;
  return {
    id: row.id,
    name: row.name,
    server: addressOf(row.server),
    revision: JSON.stringify([row.name, host, port, tlsMode, tlsCertificate, username, credential]),
  };
}

/** A server with its password opened. It stays inside `db/`. */
export async function openServer(serverId: string): Promise<RegisteredServer> {
  const [row] = uuid.test(serverId)
    ? await control()
        .select()
        .from(servers)
        .where(and(eq(servers.id, serverId), isNull(servers.removedAt)))
    : [];
  if (row) return addressOf(row);
  throw new Refusal("not_found", "There is no such server.", { fix: "Choose one from Databases." });
}

/** A connection to a server apart from its databases of the fleet; beside the one named `notIn`, where that one is to be dropped. */
export async function connectServer(serverId: string, notIn?: string): Promise<pg.Client> {
  const server = await openServer(serverId);
  const { maintenanceDatabase } = server;
  return await connectOnce(server, maintenanceDatabase === notIn ? "postgres" : maintenanceDatabase);
}

function addressOf(row: typeof servers.$inferSelect): RegisteredServer {
  const { id, host, port, tlsMode, tlsCertificate, username, maintenanceDatabase, credential } = row;
  return { host, port, tlsMode, tlsCertificate, username, maintenanceDatabase, password: unseal(credential, id) };
}
