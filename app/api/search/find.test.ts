import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HitKind } from "#app/(console)/shell/search-contract.ts";
import type { Actor } from "#db/actor.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl, freshDatabase } from "#db/testing/databases.ts";
import { type Person, person } from "#db/testing/people.ts";
import { registerDatabase } from "#db/testing/register.ts";
import { findAnything } from "./find.ts";

let ada: Person;
let support: Actor;
let shop: Adopted;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  support = (await person("support")).actor;
  shop = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY, note text)");
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

async function landing(id: string, actor: Actor = ada.actor): Promise<{ kind: HitKind; href: string }[]> {
  const { hits, silent } = await findAnything(actor, id);
  expect(silent).toEqual([]);
  return hits.map(({ kind, href }) => ({ kind, href }));
}

async function made(sql: string, values: unknown[] = []): Promise<string> {
  const { rows } = await controlPool().query<{ id: string }>(`${sql} RETURNING id`, values);
  return rows[0]?.id ?? "";
}

const job = () =>
  made(
    `INSERT INTO jobs (id, kind, input, title, actor_name, capabilities, request_id) VALUES (gen_random_uuid(), 'audit.export', '{}', 'A job', 'Ada', '{}', 'r')`,
  );

const tenant = (name: string) =>
  made("INSERT INTO tenants (home_database_id, key, name) VALUES ($1, $2, $2)", [shop.id, name]);

async function move(): Promise<string> {
  const tenantId = await tenant("moving");
  const place = (state: string, schema: string) =>
    made("INSERT INTO placements (tenant_id, tier, database_id, schema, state) VALUES ($1, 'schema', $2, $3, $4)", [
      tenantId,
      shop.id,
      schema,
      state,
    ]);
  return made(
    `INSERT INTO moves (tenant_id, from_placement_id, to_placement_id, plan_hash, plan, cutover, grace_hours, actor_name)
     VALUES ($1, $2, $3, 'h', '{"tables": [], "problems": []}', 'asked', 1, 'Ada')`,
    [tenantId, await place("open", "here"), await place("importing", "there")],
  );
}

async function restore(): Promise<string> {
  await controlPool().query(
    "INSERT INTO restore_plans (hash, database_id, input, subject) VALUES ('h', $1, '{}', 'order 1') ON CONFLICT DO NOTHING",
    [shop.id],
  );
  return made(
    `INSERT INTO restores (plan_hash, database_id, what, subject, actor_name, planned) VALUES ('h', $1, 'restore', 'order 1', 'Ada', 1)`,
    [shop.id],
  );
}

// What has an id of the console's own and a screen, how it comes to be, and where its id lands.
const kinds: [HitKind, () => Promise<string>, (id: string) => string][] = [
  ["tenant", () => tenant("Acme"), (id) => `/tenants/${id}`],
  ["database", async () => shop.id, (id) => `/databases/${id}`],
  [
    "database",
    async () => registerDatabase(await freshDatabase(), { adoptedAt: null }), // known, and not adopted yet
    (id) => `/databases/${id}`,
  ],
  [
    "server",
    async () =>
      (await controlPool().query("SELECT server_id FROM databases WHERE id = $1", [shop.id])).rows[0].server_id,
    (id) => `/databases/add?server=${id}`,
  ],
  ["move", move, (id) => `/tenants/moves/${id}`],
  ["job", job, (id) => `/jobs/${id}`],
  [
    "backup",
    () =>
      made("INSERT INTO backups (database_id, database_name, state, file) VALUES ($1, 'shop', 'failed', 'f')", [
        shop.id,
      ]),
    (id) => `/backups/${id}`,
  ],
  [
    "export",
    async () =>
      made(
        `INSERT INTO audit_exports (id, format, columns, zone, query, keep_days, estimate, actor_name) VALUES ($1, 'csv', '{}', 'UTC', '', 7, 0, 'Ada')`,
        [await job()],
      ),
    (id) => `/audit/exports/${id}`,
  ],
  [
    "stream",
    () =>
      made(
        `INSERT INTO audit_streams (name, target, format, query, created_by) VALUES ('siem', '{"kind": "webhook", "url": "https://siem.example"}', 'ndjson', '', 'Ada')`,
      ),
    (id) => `/audit/streams/${id}`,
  ],
  [
    "hold",
    () => made("INSERT INTO legal_holds (name, reason) VALUES ('Smith', 'court')"),
    (id) => `/deleted/holds#${id}`,
  ],
  ["restore", restore, (id) => `/deleted/restores/${id}`],
  [
    "erasure",
    () =>
      made(
        `INSERT INTO erasures (database_id, subject, subject_ref, basis, sealed, asked_by) VALUES ($1, 'person 1', 'ref', 'request', 'sealed', 'Ada')`,
        [shop.id],
      ),
    (id) => `/deleted/erasures/${id}`,
  ],
  ["person", async () => ada.id, (id) => `/settings/staff/${id}`],
];

describe("a pasted id lands on its screen", () => {
  for (const [kind, make, at] of kinds) {
    test(`a ${kind}`, async () => {
      const id = await make();
      expect(await landing(id)).toContainEqual({ kind, href: at(id) });
      expect(await landing(id.toUpperCase())).toContainEqual({ kind, href: at(id) });
    });
  }

  test("what the log of a database knows: an entry, a record, its transaction, a deletion, a request and an actor", async () => {
    const request = randomUUID();
    const { client } = shop;
    await client.query("BEGIN");
    await client.query("SELECT caretaker.set_context(user_id => 'user-77', request_id => $1)", [request]);
    await client.query("INSERT INTO orders VALUES (4711, 'here'); DELETE FROM orders WHERE id = 4711");
    await client.query("COMMIT");
    const { rows } = await client.query<{ id: string; tx: string }>(
      "SELECT id::text, transaction_id::text AS tx FROM caretaker.audit_logs WHERE resource_id = '4711' AND action = 'delete'",
    );
    const [entry] = rows;
    if (!entry) throw new Error("Nothing was recorded.");
    const found = async (id: string) => (await landing(id)).map(({ kind, href }) => `${kind} ${href.split("?")[0]}`);
    expect(await found(entry.id)).toContain(`audit entry /audit/${shop.id}/${entry.id}`);
    expect(await found("4711")).toContain("record /audit/record");
    expect(await found(entry.tx)).toEqual(
      expect.arrayContaining([
        `transaction /audit/transaction/${shop.id}/${entry.tx}`,
        `deletion /deleted/${shop.id}/${entry.tx}`,
      ]),
    );
    expect(await landing(request)).toContainEqual({ kind: "request", href: `/audit/transaction?request=${request}` });
    expect(await landing("user-77")).toContainEqual({ kind: "actor", href: "/audit/actor?id=user-77" });
  });
});

test("a checkpoint's root lands where logs are proven", async () => {
  const root = randomBytes(32).toString("base64");
  await controlPool().query("INSERT INTO seal_checkpoints (database_id, size, note, root) VALUES ($1, 7, 'note', $2)", [
    shop.id,
    root,
  ]);
  expect(await landing(root)).toContainEqual({ kind: "checkpoint", href: "/audit/proof" });
});

test("nobody is shown to a screen that they may not see", async () => {
  expect((await landing(ada.id, support)).map(({ kind }) => kind)).not.toContain("person");
  const { rows } = await controlPool().query("SELECT server_id AS id FROM databases WHERE id = $1", [shop.id]);
  expect(await landing(rows[0].id, support)).toContainEqual({ kind: "server", href: "/tenants/servers" });
});

test("an id that nothing has is found nowhere, and that is an answer", async () => {
  expect(await landing(randomUUID())).toEqual([]);
});
