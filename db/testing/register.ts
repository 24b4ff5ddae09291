import { randomUUID } from "node:crypto";
import { control } from "../control.ts";
import { databases, servers } from "../schema/fleet.ts";
import { seal } from "../secrets/seal.ts";

/** Enters a test database into the fleet as adopted, without installing anything in it. Returns its id. */
export async function registerDatabase(
  url: string,
  more: Partial<typeof databases.$inferInsert> = {},
): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url);
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
  const [row] = await control()
    .insert(databases)
    .values({ serverId, name: pathname.slice(1), adoptedAt: new Date().toISOString(), ...more })
    .returning({ id: databases.id });
  if (!row) throw new Error("Nothing was registered.");
  return row.id;
}
