import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { openShop, type Shop } from "#db/tenants/fixture.ts";
import { freshControl, freshDatabase } from "#db/testing/databases.ts";
import { registerDatabase } from "#db/testing/register.ts";
import { caretaker, json, tokenOf } from "./testing/caretaker.ts";

const gb = 1_000_000_000;
let shop: Shop;
let token: string;
let roomy: string;

beforeAll(async () => {
  await freshControl();
  shop = await openShop({ rowSecurity: true });
  const other = await registerDatabase(await freshDatabase());
  const { rows } = await controlPool().query<{ id: string }>("SELECT server_id AS id FROM databases WHERE id = $1", [
    other,
  ]);
  roomy = rows[0]?.id ?? "";
  await controlPool().query("UPDATE servers SET name = 'roomy' WHERE id = $1", [roomy]);
  token = await tokenOf("administrator", ["tenants.read", "tenants.write", "databases.read", "databases.manage"]);
});

afterAll(async () => {
  await shop.client.end();
  await closeFleet();
  await closeControl();
});

const create = (name: string) => [
  ...["tenants", "create", name, "--database", shop.databaseId, "--tier", "database", "--set", "plan=paid"],
];
const placed = z.object({ server: z.string().nullable(), why: z.string() });

async function serverOf(tenantId: string): Promise<unknown> {
  const { rows } = await controlPool().query("SELECT input->>'serverId' AS server FROM jobs WHERE id = $1", [tenantId]);
  return rows[0]?.server;
}

test("a tenant with a database of its own goes where its application's policy says, unless a server is named", async () => {
  const made = z.object({ tenantId: z.string(), placed: placed.nullable() });
  const nowhere = await json(made, create("Nowhere"), { token });
  expect(nowhere.placed).toMatchObject({ server: null, why: expect.stringContaining("size of its disk is not known") });
  expect(await serverOf(nowhere.tenantId)).toBeNull();

  await controlPool().query("UPDATE servers SET disk_bytes = $1", [100 * gb]);
  await controlPool().query(
    "INSERT INTO server_samples (server_id, used_bytes, active_ms) SELECT id, CASE WHEN id = $1 THEN 1 ELSE 60 END * $2::bigint, 0 FROM servers",
    [roomy, gb],
  );
  const plan = await json(z.object({ placed, statements: z.array(z.unknown()) }), [...create("Acme"), "--plan"], {
    token,
  });
  expect(plan.placed).toMatchObject({ server: "roomy", why: expect.stringContaining("roomy is the least loaded") });
  const acme = await json(made, create("Acme"), { token });
  expect(await serverOf(acme.tenantId)).toBe(roomy);

  const { rows } = await controlPool().query<{ id: string }>("SELECT id FROM servers WHERE id <> $1", [roomy]);
  const named = await json(made, [...create("Named"), "--server", rows[0]?.id ?? ""], { token });
  expect(named.placed).toBeNull();
  expect(await serverOf(named.tenantId)).toBe(rows[0]?.id);
});

test("a tenant is exported as lines of JSON, or as the dump that was asked for, and as nothing else", async () => {
  const { tenantId } = await json(
    z.object({ tenantId: z.string() }),
    ["tenants", "create", "Exported", "--database", shop.databaseId, "--set", "plan=paid"],
    { token },
  );
  const queued = z.object({ jobId: z.string() });
  const asked = [
    await json(queued, ["tenants", "export", tenantId], { token }),
    await json(queued, ["tenants", "export", tenantId, "--format", "dump"], { token }),
  ];
  const { rows } = await controlPool().query(
    "SELECT input->>'format' AS format FROM jobs WHERE id = ANY ($1::uuid[]) ORDER BY created_at",
    [asked.map(({ jobId }) => jobId)],
  );
  expect(rows).toEqual([{ format: "ndjson" }, { format: "dump" }]);
  expect(await caretaker(["tenants", "export", tenantId, "--format", "xml"], { token })).toMatchObject({ code: 2 });
});

test("deleting a tenant, which takes a second person, is not offered", async () => {
  expect(await caretaker(["tenants", "delete", "acme"], { token })).toMatchObject({ code: 2 });
  expect((await caretaker(["tenants", "archive", "--help"], { token })).code).toBe(0);
});
