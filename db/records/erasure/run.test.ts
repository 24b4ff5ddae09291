import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sealLog } from "../../audit/proof/seal.ts";
import { verifyLog } from "../../audit/proof/verify-log.ts";
import { closeControl, controlPool } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { openCertificate } from "./certificate.ts";
import { chooseErasureInput } from "./contract.ts";
import { eraseRows } from "./job/erase.ts";
import { searchErasure } from "./job/search.ts";
import { readErasure } from "./list.ts";
import { rehearseErasure } from "./rehearse.ts";
import { resumeErasure, runErasure } from "./run.ts";
import { chooseErasure, searchAgain } from "./start.ts";
import { agree, confirmPersonal, item, planOf, runJob, search } from "./testing/erasing.ts";

let admin: Person;
let officer: Person;
let db: Adopted;

const ddl = `
  CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE CHECK (email LIKE '%@%'), name varchar(8) NOT NULL, phone text,
                      born date NOT NULL DEFAULT '1990-01-01', token uuid NOT NULL DEFAULT gen_random_uuid());
  CREATE TABLE profiles (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, street text);
  CREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users, body text NOT NULL);
  CREATE TABLE orders (id bigint PRIMARY KEY, mail text NOT NULL, shipping jsonb NOT NULL DEFAULT '{}', names text[] NOT NULL DEFAULT '{}');`;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(
    ddl,
    {},
    { usersTable: { schema: "public", table: "users", key: "id", name: null, slug: null } },
  );
  await confirmPersonal(
    db.id,
    ...["email", "name", "phone", "born", "token"].map((column) => `public.users.${column}`),
    ...["public.profiles.street", "public.orders.mail", "public.orders.shipping", "public.orders.names"],
  );
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

let next = 100;
let user: number;
let mail: string;

// Each test has a person of its own.
beforeEach(async () => {
  user = ++next;
  mail = `grace${user}@example.com`;
  await db.client.query("BEGIN");
  await db.client.query("SELECT caretaker.set_context($1, NULL, '10.1.2.3', 'Mozilla', NULL, NULL)", [String(user)]);
  await db.client.query("INSERT INTO users (id, email, name, phone) VALUES ($1, $2, 'Grace H.', $3)", [
    user,
    `old-${mail}`,
    `+1 555 0100 ${user}`,
  ]);
  await db.client.query("UPDATE users SET email = $2 WHERE id = $1", [user, mail]);
  await db.client.query("INSERT INTO profiles VALUES ($1, $1, $2)", [user, `Main Street ${user}`]);
  await db.client.query("INSERT INTO posts VALUES ($1, $1, 'Mine'), ($1 + 10000, NULL, $2)", [
    user,
    `Ask ${mail.toUpperCase()} now`,
  ]);
  await db.client.query("INSERT INTO orders VALUES ($1, $2, $3, $4)", [
    user,
    mail,
    JSON.stringify({ to: mail, n: 1 }),
    [mail, "x"],
  ]);
  await db.client.query("COMMIT");
});

const about = () => ({ table: "users", record: String(user), search: ["public.posts.body"] });
const found = () => search(admin.actor, db, about());
const choose = (id: string, more: object) => chooseErasure(admin.actor, chooseErasureInput.parse({ id, ...more }));

/** Everything that the database holds, its log included. */
async function everything(): Promise<string> {
  const { rows } = await db.client.query<{ said: string }>(
    `SELECT concat_ws(' ', (SELECT string_agg(t::text, ' ') FROM users t), (SELECT string_agg(t::text, ' ') FROM profiles t WHERE id = $1),
                      (SELECT string_agg(t::text, ' ') FROM posts t), (SELECT string_agg(t::text, ' ') FROM orders t),
                      (SELECT string_agg(t::text, ' ') FROM caretaker.audit_logs t)) AS said`,
    [user],
  );
  return rows[0]?.said ?? "";
}

describe("running an erasure", () => {
  test("needs the capability, the decisions, a rehearsal, the plan as it was shown, the name typed, and a second person", async () => {
    const { id, plan } = await found();
    const support = await person("support");
    const consent = { planHash: plan.hash, typed: `public.users ${user}`, reason: "Letter" };
    await expect(runErasure(support.actor, { id, ...consent })).rejects.toMatchObject({ code: "forbidden" });
    await expect(runErasure(admin.actor, { id, ...consent })).rejects.toThrow(/not rehearsed/);
    await expect(rehearseErasure(support.actor, { id })).rejects.toMatchObject({ code: "forbidden" });
    expect(await rehearseErasure(admin.actor, { id })).toMatchObject({ hash: plan.hash, faults: [] });
    await expect(runErasure(admin.actor, { id, ...consent, planHash: "other" })).rejects.toMatchObject({
      code: "stale_plan",
    });
    await expect(runErasure(admin.actor, { id, ...consent, typed: "" })).rejects.toMatchObject({ code: "invalid" });
    await expect(runErasure(admin.actor, { id, ...consent })).rejects.toMatchObject({ code: "approval" });
    await choose(id, { item: "own public.users", method: "redact", columns: ["name=hash"] });
    await expect(
      runErasure(admin.actor, { id, ...consent, planHash: (await planOf(admin.actor, id)).hash }),
    ).rejects.toThrow(/not rehearsed/);
  });

  test("takes every value out of rows and log, respects the tables' rules, and everything still verifies", async () => {
    await sealLog(admin.actor, db.id, { seconds: 0 });
    const { id, plan } = await found();
    expect(plan.status).toBe("ready");
    const before = await everything();
    expect(before).toContain(mail);
    await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
    const after = await everything();
    for (const word of [mail, `old-${mail}`, mail.toUpperCase(), `Main Street ${user}`])
      expect(after).not.toContain(word);
    const { rows } = await db.client.query(
      "SELECT email, name, phone, born::text, token::text FROM users WHERE id = $1",
      [user],
    );
    expect(rows).toEqual([
      {
        email: expect.stringMatching(/^erased-[0-9a-f]{20}@erased\.invalid$/),
        name: "erased",
        phone: null,
        born: "1970-01-01",
        token: expect.stringMatching(/^00e7a5ed-/),
      },
    ]);
    const { rows: others } = await db.client.query(
      "SELECT (SELECT body FROM posts WHERE id = $1 + 10000) AS body, mail, shipping, names FROM orders WHERE id = $1",
      [user],
    );
    expect(others).toEqual([
      { body: "Ask [erased] now", mail: "erased", shipping: { to: "[erased]", n: 1 }, names: ["[erased]", "x"] },
    ]);
    await sealLog(admin.actor, db.id, { seconds: 0 });
    expect(await verifyLog(admin.actor, db.id)).toMatchObject({ verdict: "good" });
    expect(await readErasure(admin.actor, id)).toMatchObject({
      state: "done",
      proposedBy: "Ada",
      approvedBy: "Bo",
      lastCheck: { clean: true },
    });
  });

  test("takes the person's addresses out of what they did, and writes entries of its own that do not name them", async () => {
    const { id } = await found();
    await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
    const { rows } = await db.client.query(
      "SELECT FROM caretaker.audit_logs WHERE user_id = $1 AND ip_address IS NOT NULL",
      [String(user)],
    );
    expect(rows).toHaveLength(0);
    const { rows: own } = await db.client.query(
      "SELECT resource_type, metadata::text AS said FROM caretaker.audit_logs WHERE action = 'erase' AND (resource_id = $1 OR metadata ->> 'subject' = 'erasure ' || $1)",
      [id],
    );
    expect(own.length).toBeGreaterThan(1);
    for (const { said } of own) expect(said).not.toMatch(/grace|example/i);
  });

  test("deletes rows with what hangs from them, and keeps what has a reason", async () => {
    const { id } = await found();
    const plan = await planOf(admin.actor, id);
    await choose(id, { item: "own public.users", method: "delete" });
    await choose(id, { item: item(plan, "path public.profiles").key, method: "delete" });
    await choose(id, { item: "column public.orders", method: "keep", why: "Invoices are kept for ten years" });
    await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
    const { rows } = await db.client.query(
      `SELECT (SELECT count(*)::int FROM users WHERE id = $1) AS users, (SELECT count(*)::int FROM profiles WHERE id = $1) AS profiles,
              (SELECT author FROM posts WHERE id = $1) AS author, (SELECT mail FROM orders WHERE id = $1) AS mail`,
      [user],
    );
    expect(rows).toEqual([{ users: 0, profiles: 0, author: null, mail }]);
    const { rows: log } = await db.client.query(
      "SELECT FROM caretaker.audit_logs WHERE resource_type <> 'orders' AND audit_logs::text LIKE '%' || $1 || '%'",
      [mail],
    );
    expect(log).toHaveLength(0);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
  });

  test("refuses when rows came or went since, with nothing done, and may be planned anew", async () => {
    const { id } = await found();
    const job = await agree(admin, officer, id);
    await db.client.query("INSERT INTO orders VALUES ($1 + 50000, $2)", [user, mail]);
    await expect(runJob(admin.actor, eraseRows, job)).rejects.toMatchObject({ code: "stale_plan" });
    expect(await everything()).toContain(mail);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "found", rehearsedHash: null });
  });

  test("is rehearsed against the tables' own rules, which name what would fail", async () => {
    const { id } = await found();
    await choose(id, {
      item: "own public.users",
      method: "redact",
      columns: ["email=hash", "name=text:far too long for it"],
    });
    const { faults } = await rehearseErasure(admin.actor, { id });
    expect(faults).toEqual([]); // an explicit cast cuts it
    await db.client.query("ALTER TABLE users ADD CONSTRAINT named CHECK (name <> 'erased') NOT VALID");
    await choose(id, { item: "own public.users", method: "redact", columns: ["name=text:erased"] });
    expect((await rehearseErasure(admin.actor, { id })).faults).toEqual([
      { object: "public.users", message: expect.stringMatching(/refuses it \(named\)/) },
    ]);
    await db.client.query("ALTER TABLE users DROP CONSTRAINT named");
    expect(await everything()).toContain(mail);
  });

  test("refuses when a rule of the table was made since the dry run, with nothing done, and may be planned anew", async () => {
    const { id } = await found();
    const job = await agree(admin, officer, id);
    await db.client.query("ALTER TABLE users ADD CONSTRAINT lately CHECK (name <> 'erased') NOT VALID");
    await expect(runJob(admin.actor, eraseRows, job)).rejects.toMatchObject({ code: "stale_plan" });
    await db.client.query("ALTER TABLE users DROP CONSTRAINT lately");
    expect(await everything()).toContain(mail);
    expect(await readErasure(admin.actor, id)).toMatchObject({
      state: "found",
      error: expect.stringMatching(/lately/),
    });
  });

  test("is not undone by a search that comes late, nor begun while one is under way", async () => {
    const { id, plan } = await found();
    await rehearseErasure(admin.actor, { id });
    const { job: search } = await searchAgain(admin.actor, { id });
    await expect(runErasure(admin.actor, { id, planHash: plan.hash })).rejects.toMatchObject({ code: "conflict" });
    await runJob(admin.actor, searchErasure, search);
    const job = await agree(admin, officer, id);
    await runJob(admin.actor, searchErasure, search);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "running" });
    await runJob(admin.actor, eraseRows, job);
    await runJob(admin.actor, searchErasure, search);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
  });

  test("goes on where a job gave up, without asking two people again", async () => {
    const { id } = await found();
    const job = await agree(admin, officer, id);
    await expect(resumeErasure(admin.actor, { id })).rejects.toMatchObject({ code: "conflict" });
    await controlPool().query("UPDATE jobs SET state = 'cancelled' WHERE id = $1", [job]);
    const again = await resumeErasure(admin.actor, { id });
    await runJob(admin.actor, eraseRows, again.job);
    expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done" });
  });

  test("certifies what was done, by whom and how, without naming the person", async () => {
    const { id } = await found();
    await runJob(admin.actor, eraseRows, await agree(admin, officer, id));
    const { certificate, subjectRef, planHash } = await readErasure(admin.actor, id);
    if (certificate === null) throw new Error("There is no certificate.");
    const said = await openCertificate(certificate);
    expect(said).toMatchObject({
      id,
      subject: subjectRef,
      planHash,
      proposedBy: "Ada",
      approvedBy: "Bo",
      check: { clean: true },
    });
    expect(said.items.find(({ where }) => where === "public.users")?.columns).toContainEqual({
      name: "email",
      method: "hash",
    });
    expect(certificate).not.toMatch(/grace/i);
    await expect(openCertificate(certificate.replace('"clean":true', '"clean":false'))).rejects.toThrow(/not signed/);
  });
});
