import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../../actor.ts";
import { closeControl, controlPool } from "../../control.ts";
import { syncTenants } from "../../databases/sync-tenants.ts";
import { adopt, foreignDatabase, query } from "../../databases/testing/fleet.ts";
import { closeFleet } from "../../fleet.ts";
import type { MoveProblem } from "../../moves/contract.ts";
import { planMove } from "../../moves/plan/plan.ts";
import { freshControl } from "../databases.ts";
import { person } from "../people.ts";
import { rentalStore } from "./originals.ts";
import { openSigning } from "./signing.ts";

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function blocking(tenantId: string, tier: "schema" | "database"): Promise<MoveProblem[]> {
  const { problems } = await planMove(administrator, { tenantId, tier });
  return problems.filter(({ severity }) => severity === "blocking");
}

test("a shop of the rental store: the plan says what keeps it where it is, and what to do", async () => {
  const { databaseId } = await foreignDatabase(await rentalStore());
  await adopt(administrator, databaseId);
  await syncTenants(administrator, databaseId);
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT id FROM tenants WHERE home_database_id = $1 AND key = '1'",
    [databaseId],
  );
  const problems = await blocking(rows[0]?.id ?? "", "schema");
  expect(problems).toEqual(
    expect.arrayContaining([
      {
        severity: "blocking",
        code: "kind",
        subject: '"public"."payment"',
        message: '"public"."payment" is partitioned; moves carry ordinary tables.',
        fix: expect.stringContaining("Keep this tenant in the shared schema, or make"),
      },
      {
        severity: "blocking",
        code: "listed_row",
        subject: "public.store",
        message:
          "The list of tenants, store, stays where it is, and the tenant's row there points to its row of staff by store_manager_staff_id_fkey.",
        fix: expect.stringContaining("Drop the constraint store_manager_staff_id_fkey"),
      },
    ]),
  );
  if (process.env.CARETAKER_PAGILA_SQL) return;
  expect(problems.map(({ code, subject }) => `${code} ${subject}`).sort()).toEqual([
    'kind "public"."payment"',
    "listed_row public.store",
    'no_key "public"."till"',
  ]);
  expect(problems.find(({ code }) => code === "no_key")?.fix).toContain("ADD PRIMARY KEY");
});

test("tables that are shared in name only keep a tenant in its database, and a way that leads nowhere is named", async () => {
  const { tenants, url } = await openSigning(
    administrator,
    2,
    `
    CREATE TABLE "Contents" ("id" SERIAL PRIMARY KEY, "text" TEXT);
    ALTER TABLE "Envelope" ADD COLUMN "contentsId" INTEGER UNIQUE REFERENCES "Contents";
    CREATE TABLE "Style" ("id" SERIAL PRIMARY KEY, "emailId" INTEGER REFERENCES "TeamEmail");
    ALTER TABLE "Team" ADD COLUMN "styleId" INTEGER REFERENCES "Style"`,
  );
  const tenantId = tenants.get("org_1") ?? "";
  expect(await blocking(tenantId, "schema")).toEqual([]);
  expect(await blocking(tenantId, "database")).toMatchObject([
    { code: "owned_reference", subject: "public.Contents", fix: expect.stringContaining("within its database") },
  ]);
  await query(
    url,
    `WITH made AS (INSERT INTO "Style" DEFAULT VALUES RETURNING "id") UPDATE "Team" SET "styleId" = made."id" FROM made`,
  );
  expect(await blocking(tenantId, "schema")).toMatchObject([
    {
      code: "leads_nowhere",
      message: expect.stringContaining("emailId, by which the model says whose they are, is empty there"),
    },
  ]);
});
