import type pg from "pg";
import { connectServer } from "../../fleet-register.ts";

/** Asks a server apart from its databases of the fleet, as where one is to be made. */
export async function onServer<T>(serverId: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectServer(serverId);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
