import pg from "pg";
import { connectionConfig } from "../../connection.ts";
import { environment } from "../../environment.ts";
import { consoleDatabase } from "../../fleet.ts";
import { readRegistered } from "../../fleet-register.ts";

/**
 * One connection of its own for moving a month: it may take longer than a pool's statements may. Cancelling ends it, and with
 * it the statement on the server.
 */
export async function withConnection<T>(
  databaseId: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...(await configOf(databaseId)),
    application_name: "caretaker archive",
    keepAlive: true,
    // The server's answer would be lost without anybody noticing, were the network to swallow it.
    keepAliveInitialDelayMillis: 10_000,
  });
  client.on("error", () => {}); // a connection lost while idle shows at the next query
  const leave = () => void client.end();
  signal.throwIfAborted();
  await client.connect();
  signal.addEventListener("abort", leave, { once: true });
  try {
    // A month's entries are printed without a zone, and read so.
    await client.query("SET statement_timeout = 0; SET lock_timeout = '5s'; SET TimeZone = 'UTC'");
    return await work(client);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", leave);
    await client.end();
  }
}

async function configOf(databaseId: string): Promise<pg.ClientConfig> {
  if (databaseId === consoleDatabase) return { connectionString: environment().DATABASE_URL };
  const { server, name } = await readRegistered(databaseId);
  return connectionConfig(server, name);
}
