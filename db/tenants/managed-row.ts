import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Actor } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { inDatabase } from "../fleet.ts";
import type { NamedTable } from "../schema/fleet.ts";
import type { CreateTenant } from "./contract.ts";
import { readTenantColumns, type TenantColumn } from "./form.ts";

export interface ManagedRow {
  key: string;
  slug: string | null;
}

/**
 * Writes the application's own row of a tenant. With a key that was drawn before, doing it again changes nothing.
 *
 * @throws Refusal `invalid` with a message a column, `conflict` when a unique value is taken, `unsupported`.
 */
export async function insertManaged(
  actor: Actor,
  table: NamedTable,
  input: CreateTenant,
  drawnKey: string | null,
): Promise<ManagedRow> {
  try {
    return await inDatabase(
      actor,
      input.databaseId,
      async (client) => {
        const values = valuesOf(await readTenantColumns(client, table), input);
        if (drawnKey !== null) values.set(table.key, drawnKey);
        const { rows } = await client.query<ManagedRow>(insertStatement(table, [...values.keys()], drawnKey !== null), [
          ...values.values(),
        ]);
        const [row] = rows;
        if (!row && drawnKey !== null) return await readRow(client, table, drawnKey);
        if (!row) throw new Error("A trigger or rule of the application swallowed the new tenant.");
        return row;
      },
      { reason: input.reason ?? null },
    );
  } catch (error) {
    throw explained(error);
  }
}

async function readRow(client: pg.PoolClient, table: NamedTable, key: string): Promise<ManagedRow> {
  const quote = pg.escapeIdentifier;
  const { rows } = await client.query<ManagedRow>(
    `SELECT ${quote(table.key)}::text AS key, ${table.slug ? quote(table.slug) : "NULL"}::text AS slug
       FROM ${quote(table.schema)}.${quote(table.table)}
      WHERE ${quote(table.key)}::text = $1`,
    [key],
  );
  const [row] = rows;
  if (!row) throw new Error("A trigger or rule of the application swallowed the new tenant.");
  return row;
}

function insertStatement(table: NamedTable, columns: string[], again: boolean): string {
  const quote = pg.escapeIdentifier;
  const parameters = columns.map((_, index) => `$${index + 1}`);
  return `INSERT INTO ${quote(table.schema)}.${quote(table.table)} (${columns.map(quote).join(", ")})
          ${again ? "OVERRIDING SYSTEM VALUE" : ""}
          VALUES (${parameters.join(", ")})
          ${again ? `ON CONFLICT (${quote(table.key)}) DO NOTHING` : ""}
          RETURNING ${quote(table.key)}::text AS key, ${table.slug ? quote(table.slug) : "NULL"}::text AS slug`;
}

/** The value of each column that the database does not fill by itself. */
export function valuesOf(columns: TenantColumn[], input: CreateTenant): Map<string, string> {
  const values = new Map<string, string>();
  const faults: Record<string, string> = {};
  for (const column of columns) {
    const given = input.values[column.name];
    const value = given === undefined || given === "" ? guessed(column, input) : given;
    if (value !== undefined) values.set(column.name, value);
    else if (column.required) faults[`values.${column.name}`] = "must be given";
  }
  const known = new Set(columns.map((column) => column.name));
  for (const name of Object.keys(input.values)) if (!known.has(name)) faults[`values.${name}`] = "is no column";
  if (Object.keys(faults).length > 0) {
    const named = Object.entries(faults).map(([field, fault]) => `${field.slice("values.".length)} ${fault}`);
    throw new Refusal("invalid", `The application's tenants table cannot take this row: ${named.join(", ")}.`, {
      fix: "Fill in the columns that the catalog cannot guess.",
      fieldErrors: faults,
    });
  }
  return values;
}

function guessed(column: TenantColumn, input: CreateTenant): string | undefined {
  switch (column.guess) {
    case "name":
      return input.name;
    case "slug":
      return input.slug ?? (column.required ? slugOf(input.name) : undefined);
    case "uuid":
      return randomUUID();
    case "now":
      return "now";
    default:
      return undefined;
  }
}

function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{Mark}/gu, "");
  return plain
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

/** The refusals of the managed database, in words. Anything else passes as it came. */
function explained(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const detail = error.detail ?? error.message;
  switch (error.code) {
    case "23505":
      return new Refusal("conflict", `The application already has such a tenant: ${detail}`, {
        fix: "Choose another name, slug or key.",
        cause: error,
      });
    case "42501":
      return new Refusal("unsupported", `The database refused the row: ${error.message}.`, {
        fix: "Let the server's role insert into the tenants table, past its row-level security.",
        cause: error,
      });
    default:
      // Classes 22 (data) and 23 (constraints): what was typed does not fit the application's table.
      if (!/^2[23]/.test(error.code ?? "")) return error;
      return new Refusal("invalid", `The application's tenants table refused the row: ${detail}`, {
        fix: "Correct the value and try again.",
        cause: error,
        ...(error.column ? { fieldErrors: { [`values.${error.column}`]: error.message } } : {}),
      });
  }
}
