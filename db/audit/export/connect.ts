import pg from "pg";
import { connectOnce } from "../../connection.ts";
import { environment } from "../../environment.ts";
import { consoleDatabase } from "../../fleet.ts";
import { readRegistered } from "../../fleet-register.ts";

/** How long one statement of an export may take: a slice is cut so that it takes seconds. */
const statementMs = 1_800_000;

/**
 * Read-only work in one snapshot, on a connection of its own: an export holds it for minutes and must not take one of the few
 * that screens share. Times are printed in `zone`.
 */
export async function inSnapshot<T>(
  databaseId: string,
  zone: string,
  read: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(databaseId);
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(
      `SELECT set_config('statement_timeout', $1, true), set_config('TimeZone', $2, true), set_config('jit', 'off', true),
              set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true)`,
      [String(statementMs), zone],
    );
    const value = await read(client);
    await client.query("COMMIT");
    return value;
  } finally {
    await client.end().catch(() => undefined); // It may be dead already; then there is nothing left to end.
  }
}

async function connect(databaseId: string): Promise<pg.Client> {
  if (databaseId !== consoleDatabase) {
    const { server, name } = await readRegistered(databaseId);
    return connectOnce(server, name);
  }
  const client = new pg.Client({
    connectionString: environment().DATABASE_URL,
    application_name: "caretaker",
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => undefined); // a connection lost while idle shows at the next query
  await client.connect();
  return client;
}
