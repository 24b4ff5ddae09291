import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { applyAdoption } from "./apply.ts";
import { confirmModel } from "./confirm.ts";
import { databaseModel } from "./contract.ts";
import { classifyColumns } from "./coverage/classify-columns.ts";
import { modelToEdit } from "./merge-model.ts";
import { planAdoption } from "./plan.ts";
import { adopt, foreignDatabase, query } from "./testing/fleet.ts";

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

const ddl = `
  CREATE TABLE tenants (id int PRIMARY KEY, name text);
  CREATE TABLE accounts (id int PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, password_hash text);
  INSERT INTO tenants VALUES (1, 'One');`;

/** Confirms what the screen shows, and applies the plan that follows from it. */
async function adoptAsShown(databaseId: string): Promise<void> {
  const model = databaseModel.parse(await modelToEdit(administrator, databaseId));
  await confirmModel(administrator, { databaseId, model });
  await applyAdoption(administrator, { databaseId, planHash: (await planAdoption(administrator, databaseId)).hash });
}

async function blockingOf(databaseId: string): Promise<string[]> {
  const { problems } = await planAdoption(administrator, databaseId);
  return problems.filter(({ severity }) => severity === "blocking").map(({ message }) => message);
}

test("a secret column that is new, or has a new name, blocks the plan until it is masked, which the model proposes", async () => {
  const { url, databaseId } = await foreignDatabase(ddl);
  await adopt(administrator, databaseId);
  expect(await blockingOf(databaseId)).toEqual([]);
  await query(url, "ALTER TABLE accounts RENAME password_hash TO password_digest");
  await query(url, "ALTER TABLE accounts ADD api_token text");
  expect(await blockingOf(databaseId)).toEqual([expect.stringContaining("password_digest, api_token")]);
  const { hash, drift } = await planAdoption(administrator, databaseId);
  expect(drift[0]).toMatchObject({ table: "public.accounts", fix: expect.stringContaining("mask it") });
  await expect(applyAdoption(administrator, { databaseId, planHash: hash })).rejects.toMatchObject({
    code: "unsupported",
  });

  await adoptAsShown(databaseId);
  await query(url, "INSERT INTO accounts VALUES (1, 1, 'digest in clear', 'token in clear')");
  const [entry] = await query<{ new_values: Record<string, string> }>(
    url,
    "SELECT new_values FROM caretaker.audit_logs",
  );
  expect(entry?.new_values.password_digest).toMatch(/^masked:/);
  expect(entry?.new_values.api_token).toMatch(/^masked:/);
});

test("a column of which somebody has said that it holds no secret is neither masked nor in the way", async () => {
  const { url, databaseId } = await foreignDatabase(ddl);
  await adopt(administrator, databaseId);
  await query(url, "ALTER TABLE accounts ADD order_token text");
  const column = { schema: "public", table: "accounts", column: "order_token", class: "plain" as const };
  await classifyColumns(administrator, { databaseId, columns: [column] });
  expect(await blockingOf(databaseId)).toEqual([]);
  const { tables } = await modelToEdit(administrator, databaseId);
  expect(tables.find(({ name }) => name === "accounts")?.maskedColumns).toEqual(["password_hash"]);
});
