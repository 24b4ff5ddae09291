import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, controlPool, inControl } from "./control.ts";
import { systemActor } from "./mint.ts";
import { policies } from "./schema/console.ts";
import { freshControl } from "./testing/databases.ts";

beforeAll(async () => {
  await freshControl();
});

afterAll(closeControl);

test("a change whose audit row cannot be written is refused, said to be so, and not made", async () => {
  const actor = systemActor("test");
  const policy = { kind: "test", scope: "fleet", settings: {} };
  await controlPool().query('ALTER TABLE caretaker.audit_logs ADD CONSTRAINT "full" CHECK (false) NOT VALID');
  await expect(inControl(actor, (tx) => tx.insert(policies).values(policy))).rejects.toMatchObject({
    name: "Refusal",
    code: "unrecorded",
  });
  await controlPool().query('ALTER TABLE caretaker.audit_logs DROP CONSTRAINT "full"');
  await inControl(actor, (tx) => tx.insert(policies).values(policy));
  const { rows } = await inControl(actor, (tx) => tx.execute(sql`SELECT count(*)::int AS kept FROM policies`));
  expect(rows).toEqual([{ kept: 1 }]);
});
