import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { closeControl } from "../control.ts";
import { environment } from "../environment.ts";
import { migrate } from "../migrate.ts";

/** The throwaway server that `npm test` starts; never a server that anybody uses. */
export function testServer(): URL {
  const text = process.env.CARETAKER_TEST_SERVER;
  if (!text) throw new Error("No PostgreSQL for the tests: run them with npm test, which starts one.");
  const url = new URL(text);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(url.hostname))
    throw new Error("Tests run on a loopback server only.");
  return url;
}

/** Where this process began; servers of a test's own go by themselves. */
const common = process.env.CARETAKER_TEST_SERVER;

/** Databases that this process made on that server. */
const made: string[] = [];

/** Creates a database on the test server, empty unless it is a copy of one, and returns its URL. It goes with the test file. */
export async function freshDatabase(template = "template0"): Promise<string> {
  const server = testServer();
  const name = `test_${randomBytes(6).toString("hex")}`;
  if (server.href === common) made.push(name);
  const client = new pg.Client(server.href);
  await client.connect();
  await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  await client.end();
  server.pathname = `/${name}`;
  return server.href;
}

/** Drops what `freshDatabase` made, but for databases in which somebody still is: these go when the server goes. */
export async function dropFreshDatabases(): Promise<void> {
  if (made.length === 0) return;
  const client = new pg.Client(common);
  await client.connect();
  const unused = async (): Promise<string[]> => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = name)`,
      [made],
    );
    return rows.map(({ name }) => name);
  };
  // Whoever has closed a connection is there for a moment still.
  for (let looks = 0; looks < 10 && (await unused()).length < made.length; looks += 1) await setTimeout(50);
  for (const name of await unused()) await client.query(`DROP DATABASE IF EXISTS ${name}`);
  await client.end();
}

/** Gives this test file a control database of its own, migrated, and points the configuration at it. */
export async function freshControl(): Promise<string> {
  const template = new URL(process.env.CARETAKER_TEST_CONTROL ?? "none:");
  if (template.host !== testServer().host) return migratedControl();
  return pointAt(await freshDatabase(template.pathname.slice(1)));
}

/** Migrates a control database that those of test files are copied from, which takes a quarter of the time. Answers its URL. */
export async function controlTemplate(): Promise<string> {
  const url = await migratedControl();
  await closeControl();
  return url;
}

async function migratedControl(): Promise<string> {
  const url = await pointAt(await freshDatabase());
  await migrate();
  return url;
}

async function pointAt(url: string): Promise<string> {
  await closeControl();
  process.env.DATABASE_URL = url;
  process.env.CARETAKER_KEY = randomBytes(32).toString("base64");
  process.env.CARETAKER_ALLOWED_NETWORKS = "127.0.0.0/8,::1/128";
  // The configuration is read once a process: a second control database would serve nobody but the processes started later.
  if (environment().DATABASE_URL !== url) throw new Error("A process has one control database.");
  return url;
}
