import { randomUUID } from "node:crypto";
import pg from "pg";
import { control } from "../control.ts";
import { databases, servers } from "../schema/fleet.ts";
import { seal } from "../secrets/seal.ts";

/** Enters a test server into the fleet, on which the application of `applicationUrl` signs in as it does elsewhere. Returns its id. */
export async function registerServer(url: string, applicationUrl: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const { username, password: given } = new URL(applicationUrl);
  const password = pg.escapeLiteral(decodeURIComponent(given));
  await client.query(`CREATE ROLE ${pg.escapeIdentifier(username)} LOGIN PASSWORD ${password}`);
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
