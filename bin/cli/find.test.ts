import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { freshControl, freshDatabase } from "#db/testing/databases.ts";
import { registerDatabase } from "#db/testing/register.ts";
import { findTenantId } from "./find.ts";

const system = systemActor("test");
let one: string;
let other: string;

beforeAll(async () => {
  await freshControl();
  one = await registerDatabase(await freshDatabase());
  other = await registerDatabase(await freshDatabase());
  // More tenants with a 7 in their name than a page of any list holds, and all of them before the one that is called 7.
  await controlPool().query(
    `INSERT INTO tenants (home_database_id, key, name, slug)
     SELECT $1, (1000 + n)::text, 'A tenant ' || n || '7', 'a-' || n || '7' FROM generate_series(1, 300) AS n`,
    [one],
  );
});
afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function tenant(database: string, key: string, slug: string | null): Promise<string> {
  const id = randomUUID();
  const values = [id, database, key, slug];
  await controlPool().query(
    "INSERT INTO tenants (id, home_database_id, key, name, slug) VALUES ($1, $2, $3, 'Zoë', $4)",
    values,
  );
  return id;
}

test("a tenant is found by its exact key, slug or id among any number that are called much alike", async () => {
  const id = await tenant(one, "7", "seven");
  for (const wanted of ["7", "seven", id, id.toUpperCase()]) expect(await findTenantId(system, wanted)).toBe(id);
  await expect(findTenantId(system, "eleven")).rejects.toMatchObject({
    code: "not_found",
    message: "There is no tenant eleven.",
  });
  const second = await tenant(other, "7", null);
  const [first, last] = [id, second].sort();
  await expect(findTenantId(system, "7")).rejects.toMatchObject({
    code: "invalid",
    message: "2 of them are called 7.",
    fix: `Name one by its id: ${first}, ${last}.`,
  });
});
