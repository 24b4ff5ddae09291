import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { freshDatabase, testServer } from "../testing/databases.ts";
import {
  type DatabaseSettings,
  makeOwnDatabase,
  ownDatabaseStatements,
  readDatabaseSettings,
  ungranted,
} from "./own-database.ts";

const clients: pg.Client[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  clients.push(client);
  return client;
}

function urlOf(database: string): string {
  const url = testServer();
  url.pathname = `/${database}`;
  return url.href;
}

const fresh = () => `test_${randomBytes(6).toString("hex")}`;

/** The settings of a database, and those of the one that is made like it on a server with these roles. */
async function copied(url: string, roles: string[]): Promise<[DatabaseSettings, DatabaseSettings]> {
  const settings = await readDatabaseSettings(await connected(url));
  const server = await connected(testServer().href);
  const name = fresh();
  const { rows } = await server.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const host = { roles: new Set(roles), version: rows[0]?.version ?? 0 };
  const statements = ownDatabaseStatements(name, settings, host);
  // An attempt that ended before the rights were given.
  await makeOwnDatabase(server, name, statements.slice(0, 1));
  await makeOwnDatabase(server, name, statements);
  return [settings, await readDatabaseSettings(await connected(urlOf(name)))];
}

test("a tenant's own database sorts by ICU where the one that it comes from does", async () => {
  const name = fresh();
  const server = await connected(testServer().href);
  await server.query(
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'`,
  );
  const [source, made] = await copied(urlOf(name), []);
  expect(source).toMatchObject({ provider: "i", locale: "de-AT", collate: "C", grants: null });
  expect(made).toEqual(source);
});

test("it may be used by whom the one that it comes from lets in, and by nobody else", async () => {
  const url = await freshDatabase();
  const client = await connected(url);
  const [application, other] = [fresh(), fresh()];
  const database = new URL(url).pathname.slice(1);
  await client.query(`CREATE ROLE ${application}; CREATE ROLE ${other}; REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${database} TO ${application}, ${other}; GRANT TEMPORARY ON DATABASE ${database} TO PUBLIC`);
  const granted = (grantee: string | null, privilege: string) => ({ grantee, privilege });
  const [source, made] = await copied(url, [application]);
  expect(source.grants).toHaveLength(3);
  expect(made.grants).toEqual([granted(null, "TEMPORARY"), granted(application, "CONNECT")]);
  expect(ungranted(source, "elsewhere", { roles: new Set([application]) })).toMatchObject([
    { severity: "warning", code: "missing_role", subject: `rights of ${other}` },
  ]);
});
