import { join } from "node:path";
import pg from "pg";
import { forgetPublished } from "#db/audit/proof/publish.ts";
import { Refusal } from "#db/errors.ts";
import { consoleDatabase } from "#db/fleet.ts";
import { type Cluster, removeCluster, startCluster } from "#db/local/cluster.ts";
import { openStore } from "#db/objects/configured.ts";
import { isSeeded } from "./demo.ts";
import type { Options } from "./options.ts";

export interface Database {
  /** The control database. */
  url: string;
  /** Null when the control database is the user's own. */
  cluster: Cluster | null;
}

/** The control database: the user's own, or one in the private cluster, which is started. */
export async function openDatabase(options: Options, signal: AbortSignal): Promise<Database> {
  const dataDir = join(options.data, "postgres");
  if (options.databaseUrl) {
    if (!options.resetDemo) return { url: options.databaseUrl, cluster: null };
    throw new Refusal("invalid", "DATABASE_URL names your own database, and the demo is not in it.", {
      fix: "Unset DATABASE_URL to reset the demo.",
    });
  }
  if (options.resetDemo) {
    await removeCluster(dataDir);
    // The new console's own log is called as the old one's was.
    await forgetPublished(openStore(process.env.CARETAKER_OBJECTS ?? join(options.data, "objects")), consoleDatabase);
  }
  const cluster = await startCluster({ dataDir, signal });
  try {
    return { url: await createDatabase(cluster.url, "caretaker", await isSeeded(options)), cluster };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Makes the database unless it is there. One that a killed first run left half-filled, and nobody has used, is made anew. */
async function createDatabase(server: string, name: string, isWhole: boolean): Promise<string> {
  const client = new pg.Client(server);
  await client.connect();
  const identifier = pg.escapeIdentifier(name);
  if (!isWhole) await client.query(`DROP DATABASE IF EXISTS ${identifier} WITH (FORCE)`);
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${identifier}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
