import { randomBytes } from "node:crypto";
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

/** Creates an empty database on the test server and returns its URL. It goes when the server goes. */
export async function freshDatabase(): Promise<string> {
  const server = testServer();
  const name = `test_${randomBytes(6).toString("hex")}`;
  const client = new pg.Client(server.href);
  await client.connect();
  await client.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  await client.end();
  server.pathname = `/${name}`;
  return server.href;
}

/** Gives this test file a control database of its own, migrated, and points the configuration at it. */
export async function freshControl(): Promise<string> {
  await closeControl();
  const url = await freshDatabase();
  process.env.DATABASE_URL = url;
  process.env.CARETAKER_KEY = randomBytes(32).toString("base64");
  process.env.CARETAKER_ALLOWED_NETWORKS = "127.0.0.0/8,::1/128";
  // The configuration is read once a process: a second control database would serve nobody but the processes started later.
  if (environment().DATABASE_URL !== url) throw new Error("A process has one control database.");
  await migrate();
  return url;
}
