import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { sealLog } from "../../../audit/proof/seal.ts";
import { control, controlPool } from "../../../control.ts";
import { closeFleet } from "../../../fleet.ts";
import { closedDatabases } from "../../../schema/erasures.ts";
import { type Adopted, adoptTables } from "../../../testing/adopted.ts";
import { clientTool } from "../../../testing/client-tools.ts";
import { testServer } from "../../../testing/databases.ts";
import { type Person, person } from "../../../testing/people.ts";
import { registerDatabase } from "../../../testing/register.ts";
import type { DueReplay } from "../closing/contract.ts";
import { dueReplays } from "../due.ts";
import { eraseRows } from "../job/erase.ts";
import { replayJob } from "../job/replay.ts";
import { replayErasures } from "../replay.ts";
import { agree, confirmPersonal, runJob, search } from "./erasing.ts";

const suffix = randomBytes(4).toString("hex");

// As on a managed server: the console owns the database and is no superuser, the application has a role of its own.
export const [owner, app, database] = [`console_${suffix}`, `app_${suffix}`, `shop_${suffix}`];
export const reason = "Restored from last night's backup";

/** A database in which somebody was erased, and a dump of it from before. */
export interface Restorable {
  admin: Person;
  db: Adopted;
  erasure: string;
  /** Makes the database anew from the dump, as its administrator does. */
  restore(beforeRestore?: () => Promise<unknown>): Promise<void>;
  /** The same beside it. */
  restoreBeside(copy: string): Promise<string>;
  due(): Promise<DueReplay[]>;
  replay(more?: { keptOut?: boolean }): Promise<Record<string, unknown>>;
}

export function urlOf(role: string, of = database): string {
  const url = new URL(testServer().href);
  Object.assign(url, { username: role, password: "secret", pathname: `/${of}` });
  return url.href;
}

export async function ask<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

export const onServer = (text: string) => ask(testServer().href, text);

/** What the application reads, when it can connect. */
export async function asApplication(of = database): Promise<string[]> {
  const rows = await ask<{ email: string }>(urlOf(app, of), "SELECT email FROM users ORDER BY id");
  return rows.map(({ email }) => email);
}

/** Needs a control database. */
export async function restorable(): Promise<Restorable> {
  const [admin, officer] = [await person("administrator", "Ada"), await person("compliance", "Bo")];
  for (const role of [owner, app]) await onServer(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  await onServer(`CREATE DATABASE ${database} OWNER ${owner} TEMPLATE template0`);
  const id = await registerDatabase(urlOf(owner), { applicationRole: app });
  const ddl = `
    CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text);
    CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL);
    GRANT SELECT, INSERT, UPDATE ON users, notes TO ${app}`;
  const db = await adoptTables(urlOf(owner), id, ddl, {});
  await confirmPersonal(db.id, "public.users.email", "public.users.name");
  await db.client.query(`
    INSERT INTO users VALUES (1, 'grace@example.com', 'Grace'), (2, 'alan@example.com', 'Alan');
    INSERT INTO notes VALUES (1, 'grace@example.com called')`);
  const dump = join(await mkdtemp(join(tmpdir(), "caretaker-closing-")), "before.dump");
  await clientTool("pg_dump", "--format=custom", "--file", dump, urlOf(owner));
  await sealLog(admin.actor, db.id);
  const found = await search(admin.actor, db, { table: "users", record: "1", search: ["public.notes.body"] });
  await runJob(admin.actor, eraseRows, await agree(admin, officer, found.id));
  await db.client.end();
  const fill = (of: string) => clientTool("pg_restore", "--exit-on-error", "--dbname", urlOf(owner, of), dump);
  return {
    ...{ admin, db, erasure: found.id },
    async restore(beforeRestore) {
      await closeFleet();
      await onServer(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      await onServer(`CREATE DATABASE ${database} OWNER ${owner} TEMPLATE template0`);
      await beforeRestore?.();
      await fill(database);
    },
    async restoreBeside(copy) {
      await onServer(`CREATE DATABASE ${copy} OWNER ${owner} TEMPLATE template0`);
      await fill(copy);
      return registerDatabase(urlOf(owner, copy), { applicationRole: app });
    },
    due: async () => (await dueReplays(admin.actor)).due,
    async replay(more = {}) {
      const { job } = await replayErasures(admin.actor, { database: db.id, ...more });
      return runJob(admin.actor, replayJob, job);
    },
  };
}

/** As if no test had been before. */
export async function forgetClosings(): Promise<void> {
  await control().delete(closedDatabases);
  await controlPool().query("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE state = 'queued'");
}
