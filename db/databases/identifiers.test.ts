import { randomUUID } from "node:crypto";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl, freshDatabase, testServer } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { schemaState } from "../testing/schema-state.ts";
import { planAdoption } from "./plan.ts";
import { planRemoval, removeAdoption } from "./remove.ts";
import { adopt, query } from "./testing/fleet.ts";

let administrator: Actor;
// A role belongs to the whole server, so its name is strange and new in every run.
const role = `app "${randomUUID().slice(0, 8)}" '$$' İ`;

beforeAll(async () => {
  await query(testServer().href, `CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN`);
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

const nasty = [
  `a"b`,
  `a'b`,
  "a$$b",
  "$capture$",
  "a;b",
  "-- x",
  "/* x */",
  "a\\b",
  "a\nb",
  "select",
  "user",
  "Table",
  "%s",
  "%I",
  "$1",
  "{}",
  "a b",
  "\u202Eabc",
  "＂",
  "é",
  "名前",
  "x".repeat(63),
  "a.b",
  "1st",
  " ",
  "pg",
  "caretaker",
  "new_rows",
  "old_rows",
  "n",
  "o",
  "e",
  "tenant",
  "actor",
];

/** 1 to 63 bytes of UTF-8 without NUL, as PostgreSQL takes them. */
const identifier = fc
  .oneof(fc.constantFrom(...nasty), fc.string({ minLength: 1, maxLength: 20, unit: "binary" }))
  .filter(
    (name) =>
      !name.includes("\u0000") && name.isWellFormed() && Buffer.byteLength(name) <= 63 && !name.startsWith("pg_"),
  );

const names = fc.uniqueArray(identifier, { minLength: 8, maxLength: 8 });

test("any schema, table and column name that PostgreSQL takes is adopted, captured, secured and removed", async () => {
  await fc.assert(
    fc.asyncProperty(names, async (chosen) => {
      const [
        schema = "",
        tenants = "",
        child = "",
        grandchild = "",
        key = "",
        tenantColumn = "",
        value = "",
        secret = "",
      ] = chosen;
      if (["information_schema", "caretaker", "public"].includes(schema)) return;
      const url = await freshDatabase();
      const q = pg.escapeIdentifier;
      const at = (table: string): string => `${q(schema)}.${q(table)}`;
      await query(url, `CREATE SCHEMA ${q(schema)}`);
      await query(url, `CREATE TABLE ${at(tenants)} (${q(key)} text PRIMARY KEY, ${q(value)} text)`);
      await query(
        url,
        `CREATE TABLE ${at(child)} (${q(key)} bigint PRIMARY KEY, ${q(tenantColumn)} text NOT NULL REFERENCES ${at(tenants)}, ${q(value)} text, ${q(secret)} text)`,
      );
      await query(
        url,
        `CREATE TABLE ${at(grandchild)} (${q(key)} uuid, ${q(value)} bigint REFERENCES ${at(child)}, PRIMARY KEY (${q(key)}, ${q(value)}))`,
      );
      const before = await schemaState(url);
      const databaseId = await registerDatabase(url, { adoptedAt: null });
      await adopt(administrator, databaseId, (model) => ({
        ...model,
        applicationRole: role,
        tenantsTable: { schema, table: tenants, key, name: value, slug: null },
        tables: model.tables.map((table) => {
          const plain = { ...table, audited: true, tenantPath: [], tenantConstant: null };
          if (table.name === tenants) return { ...plain, class: "tenant" as const, tenantColumn: key };
          if (table.name === child)
            return { ...plain, class: "tenant" as const, tenantColumn, maskedColumns: [secret], rowSecurity: true };
          const step = { schema, table: child, columns: [value], parentColumns: [key] };
          return { ...plain, class: "child" as const, tenantColumn: null, tenantPath: [step] };
        }),
      }));
      await query(url, `INSERT INTO ${at(tenants)} VALUES ('acme', 'it''s')`);
      await query(url, `INSERT INTO ${at(child)} VALUES (7, 'acme', 'plain', 'hidden away')`);
      await query(url, `INSERT INTO ${at(grandchild)} VALUES ('00000000-0000-0000-0000-000000000001', 7)`);
      await query(url, `UPDATE ${at(child)} SET ${q(value)} = 'other'`);
      await query(url, `DELETE FROM ${at(grandchild)}`);
      const entries = await query<{ action: string; tenant_id: string; schema: string; name: string }>(
        url,
        "SELECT action, tenant_id, resource_schema AS schema, resource_type AS name, new_values, changes FROM caretaker.audit_logs ORDER BY id",
      );
      expect(entries.map((entry) => [entry.action, entry.tenant_id, entry.schema, entry.name])).toEqual([
        ["create", "acme", schema, tenants],
        ["create", "acme", schema, child],
        ["create", "acme", schema, grandchild],
        ["update", "acme", schema, child],
        ["delete", "acme", schema, grandchild],
      ]);
      expect(JSON.stringify(entries)).not.toContain("hidden away");
      expect((await planAdoption(administrator, databaseId)).statements).toEqual([]);
      const { hash } = await planRemoval(administrator, databaseId);
      await removeAdoption(administrator, { databaseId, planHash: hash });
      expect(await schemaState(url)).toEqual(before);
    }),
    { numRuns: 8 },
  );
}, 300_000);
