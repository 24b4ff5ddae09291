import { randomUUID } from "node:crypto";
import pg from "pg";
import { control } from "../control.ts";
import { databases, servers } from "../schema/fleet.ts";
import { seal } from "../secrets/seal.ts";

/** Enters a test server into the fleet, on which a role signs in as the application. Returns its id. */
export async function registerServer(url: string, role: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const password = pg.escapeLiteral(decodeURIComponent(new URL(url).password));
  await client.query(`CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN PASSWORD ${password}`);
  await client.end();
  return enterServer(url);
}

/** Enters a test database into the fleet as adopted, without installing anything in it. Returns its id. */
export async function registerDatabase(
  url: string,
  more: Partial<typeof databases.$inferInsert> = {},
): Promise<string> {
  const serverId = await enterServer(url);
  const [row] = await control()
    .insert(databases)
    .values({ serverId, name: new URL(url).pathname.slice(1), adoptedAt: new Date().toISOString(), ...more })
    .returning({ id: databases.id });
  if (!row) throw new Error("Nothing was registered.");
  return row.id;
}

async function enterServer(url: string): Promise<string> {
  const { hostname, port, username, password } = new URL(url);
  const serverId = randomUUID();
  await control()
    .insert(servers)
    .values({
      id: serverId,
      name: `server ${serverId.slice(0, 8)}`,
      host: hostname,
      port: Number(port),
      tlsMode: "disable",
      username,
      credential: seal(password || "none", serverId),
    });
  return serverId;
}
