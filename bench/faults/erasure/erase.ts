import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { controlPool } from "#db/control.ts";
import { readErasure } from "#db/records/erasure/list.ts";
import { agree, confirmPersonal, search } from "#db/records/erasure/testing/erasing.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { person } from "#db/testing/people.ts";
import { chosen } from "../chosen.ts";
import { Hand } from "../hand.ts";
import { ask, patiently } from "../patience.ts";
import { random } from "../random.ts";
import type { Verdict } from "../run.ts";

const ddl = `
  CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL UNIQUE, name text);
  CREATE TABLE addresses (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, street text);
  CREATE TABLE orders (id integer PRIMARY KEY, mail text);
  CREATE TABLE notes (id integer PRIMARY KEY, body text);`;

/** Rows that hold a person's values, one of them under a legal hold. */
const rows = 5;
const hand = new Hand(join(import.meta.dirname, "process.ts"));

/**
 * Strikes an erasure at statement after statement, by killing its process or by cutting its connection; then lets another process go
 * on. In between all rows or none have lost their values; in the end nothing names the person but what a hold keeps.
 */
export async function strikeErasures(how: "process" | "connection", strikes: number, seed: number): Promise<Verdict> {
  const db = await adoptedDatabase(ddl);
  await confirmPersonal(
    db.id,
    "public.users.email",
    "public.users.name",
    "public.addresses.street",
    "public.orders.mail",
  );
  await db.client.end();
  const chance = random(seed);
  const tally = {
    points: 0,
    struck_before_rows: 0,
    struck_after_rows: 0,
    in_part: 0,
    left: 0,
    held_gone: 0,
    not_done: 0,
  };
  const violations: string[] = [];
  let next = 1;
  const whole = await erase(db, next++, 0, how);
  if (process.env.VERBOSE) console.error(`erasure, ${how}: ${whole.statements} statements`);
  for (const at of chosen(whole.statements, strikes, chance)) {
    const { between, after, held, state } = await erase(db, next++, at, how);
    tally.points += 1;
    tally[between === rows ? "struck_before_rows" : "struck_after_rows"] += 1;
    const faults = {
      in_part: between !== rows && between !== 1,
      left: after.rows !== 1 || after.entries > 0,
      held_gone: held !== 1,
      not_done: state !== "done",
    };
    for (const [name, is] of Object.entries(faults)) if (is) tally[name as keyof typeof faults] += 1;
    if (!Object.values(faults).some(Boolean)) continue;
    violations.push(
      `erasure, statement ${at}, ${how}: ${between} of ${rows} rows named the person in between, in the end ${after.rows} rows and ${after.entries} entries; ${held} held; ${state}.`,
    );
  }
  hand.end();
  return { figures: tally, violations };
}

interface Erased {
  statements: number;
  /** Rows that named the person when the blow had fallen. */
  between: number;
  after: { rows: number; entries: number };
  held: number;
  state: string;
}

/** A person of their own, who is searched for, agreed upon and erased. */
async function erase(db: Adopted, n: number, at: number, how: string): Promise<Erased> {
  // People of its own: on a busy machine all erasures take longer than the five minutes for which a password holds.
  const [asks, agrees] = await patiently(() => Promise.all([person("administrator"), person("compliance")]));
  const mail = `person${n}@example.com`;
  await ask(db.url, (client) =>
    client.query(`
      INSERT INTO users VALUES (${n}, '${mail}', 'Person ${n}');
      INSERT INTO addresses VALUES (${n}, ${n}, 'Street of ${mail}');
      INSERT INTO orders VALUES (${n}, '${mail}'), (${n + 100_000}, '${mail}');
      INSERT INTO notes VALUES (${n}, 'Ask ${mail}')`),
  );
  await controlPool().query(
    `INSERT INTO legal_holds (name, kind, database_id, schema, "table", record, reason) VALUES ($1, 'record', $2, 'public', 'orders', $3, 'faults')`,
    [`case ${n} of ${db.id}`, db.id, String(n)],
  );
  const about = { table: "users", record: String(n), search: ["public.notes.body"] };
  const { id } = await patiently(() => search(asks.actor, db, about));
  // It ran here; nobody else need do it again.
  await controlPool().query("UPDATE jobs SET state = 'done' WHERE kind = 'records.erasure-find'");
  const job = await agree(asks, agrees, id);
  const { statements } = await hand.run({ job }, at, how);
  const between = (await look(db, mail)).rows;
  if (at > 0) {
    await patiently(() =>
      controlPool().query("UPDATE jobs SET lease_until = now() WHERE id = $1 AND state = 'running'", [job]),
    );
    await hand.run({ job });
  }
  const after = await look(db, mail);
  const { state } = await patiently(() => readErasure(asks.actor, id));
  return { statements, between, after, held: after.held, state };
}

/** What still names the person: rows, entries of rows that are not held, and whether the held row is what it was. */
function look(db: Adopted, mail: string): Promise<{ rows: number; entries: number; held: number }> {
  return ask(db.url, async (client) => {
    // A transaction whose client is gone ends by itself, as soon as the server sees it.
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'caretaker%' AND datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()",
    );
    await pause(50);
    const n = Number(/\d+/.exec(mail)?.[0]);
    const { rows: found } = await client.query<{ rows: number; entries: number; held: number }>(
      `SELECT (SELECT count(*) FROM users WHERE email = $1)::int + (SELECT count(*) FROM addresses WHERE street LIKE '%' || $1)::int
              + (SELECT count(*) FROM orders WHERE mail = $1)::int + (SELECT count(*) FROM notes WHERE body LIKE '%' || $1)::int AS rows,
              (SELECT count(*) FROM caretaker.audit_logs WHERE audit_logs::text LIKE '%' || $1 || '%'
                  AND NOT (resource_type = 'orders' AND resource_id = $2))::int AS entries,
              (SELECT count(*) FROM orders WHERE id = $2::int AND mail = $1)::int AS held`,
      [mail, String(n)],
    );
    return found[0] ?? { rows: -1, entries: -1, held: -1 };
  });
}
