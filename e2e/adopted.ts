import { eq } from "drizzle-orm";
import { closeControl, control } from "#db/control.ts";
import { databases, servers } from "#db/schema/fleet.ts";
import { type Adopted, adoptTables, type ManagedChoice } from "#db/testing/adopted.ts";
import { freshDatabase } from "#db/testing/databases.ts";
import { serverUrl } from "./harness.ts";

/** A database of the spec's own on the private server, adopted as the console would. `close` takes it out of the fleet again. */
export async function adoptForBrowser(
  ddl: string,
  choices: Record<string, ManagedChoice>,
): Promise<Adopted & { name: string; close(): Promise<void> }> {
  const server = serverUrl();
  process.env.CARETAKER_TEST_SERVER = server.href;
  process.env.DATABASE_URL = Object.assign(new URL(server), { pathname: "/caretaker" }).href;
  // Nothing is sealed from here: the private server is registered already, with its credential.
  process.env.CARETAKER_KEY = Buffer.alloc(32).toString("base64");
  const url = await freshDatabase();
  const name = new URL(url).pathname.slice(1);
  const known = await control().select({ id: servers.id, port: servers.port }).from(servers);
  const own = known.find(({ port }) => port === Number(server.port));
  if (!own) throw new Error("The console does not know the private server that it runs on: the demo was not seeded.");
  const [row] = await control()
    .insert(databases)
    .values({ serverId: own.id, name, adoptedAt: new Date().toISOString() })
    .returning({ id: databases.id });
  const adopted = await adoptTables(url, row?.id ?? "", ddl, choices);
  const close = async () => {
    await control().update(databases).set({ releasedAt: new Date().toISOString() }).where(eq(databases.id, adopted.id));
    await adopted.client.end();
    await closeControl();
  };
  return { ...adopted, name, close };
}
