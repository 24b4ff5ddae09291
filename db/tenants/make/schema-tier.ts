import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import type { Definition, DefinitionProblem } from "../../managed/definition/definition.ts";
import { type Destination, readDestination } from "../../managed/definition/destination.ts";
import { readDefinition } from "../../managed/definition/read.ts";
import { definitionStatements } from "../../managed/definition/statements.ts";
import type { Numbered } from "../../managed/moving/numbers.ts";
import { ownTableStatements } from "../../managed/own-tables.ts";
import { type CatalogTable, readTables } from "../../managed/read-tables.ts";
import { relation, type Statement } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { adoptedCopies, type CopyPlace } from "./copies.ts";
import { ownIdStatements, readNumbered } from "./own-ids.ts";
import type { Source } from "./source.ts";

/** What makes a tenant's own schema: one transaction for all that nobody else uses, and a short one for each key that leads out of it. */
export interface SchemaPlan {
  inside: Statement[];
  outside: Statement[];
  /** Where its own sequences begin. */
  numbers: Statement[];
  problems: DefinitionProblem[];
}

export function schemaPlace(source: Source, schema: string, tenantKey: string): CopyPlace {
  return { schemaOf: (one) => (one === source.schema ? schema : one), tenantKey };
}

/** What a plan is made from, read once. */
export interface SchemaParts {
  definition: Definition;
  destination: Destination;
  catalog: CatalogTable[];
  numbered: Numbered[];
  user: string;
}

/** In the caller's transaction on the database that lists the tenant. */
export async function readParts(client: pg.ClientBase, source: Source): Promise<SchemaParts> {
  const names = source.own.map((table) => table.name);
  const definition = await readDefinition(client, { schema: source.schema, tables: names });
  const destination = await readDestination(client);
  const catalog = await readTables(client, source.schema);
  const numbered = await readNumbered(client, source);
  const { rows } = await client.query<{ user: string }>("SELECT current_user AS user");
  return { definition, destination, catalog, numbered, user: rows[0]?.user ?? "" };
}

export function planSchema(parts: SchemaParts, source: Source, schema: string, tenantKey: string): SchemaPlan {
  const { before, keys, foreignKeys, after, problems, sequences } = definitionStatements(parts.definition, {
    schema,
    elsewhere: false,
    // New ids must never meet those of the shared tables, or the tenant could not move there.
    sequences: "shared",
    tenant: {
      key: tenantKey,
      columns: source.own.flatMap(({ class: kind, name, tenantColumn }) =>
        kind === "tenant" && tenantColumn !== null ? [{ table: name, column: tenantColumn }] : [],
      ),
    },
    destination: parts.destination,
  });
  const anew = new Set(sequences.map(({ name }) => relation(source.schema, name)));
  const copies = adoptedCopies(source.own, parts.catalog, [parts.definition], schemaPlace(source, schema, tenantKey));
  const adopted = ownTableStatements(copies, { application: source.applicationRole, caretaker: parts.user });
  const later = [...keys, ...foreignKeys, ...after];
  const leadsOut = (statement: Statement): boolean => statement.lock !== "none";
  return {
    inside: [...before, ...later.filter((one) => !leadsOut(one)), ...adopted.map(unlocked)],
    outside: later.filter(leadsOut),
    numbers: ownIdStatements(parts.numbered.filter(({ sequence }) => anew.has(sequence))),
    problems,
  };
}

/** Adoption's statements lock tables that an application uses; nobody uses these yet. */
export function unlocked(statement: Statement): Statement {
  return { ...statement, lock: "none" };
}

/** Refuses a plan that is not the one that was shown. */
export type Check = (parts: SchemaParts) => void;

/** All or nothing, and once: the schema's own existence says that it was done. Answers the keys that are still to be added. */
export async function makeSchema(
  actor: Actor,
  source: Source,
  { schema, tenantKey }: { schema: string; tenantKey: string },
  check: Check,
): Promise<{ outside: Statement[] }> {
  return await inDatabase(
    actor,
    source.databaseId,
    async (client) => {
      const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
      const parts = await readParts(client, source);
      const { inside, outside } = planSchema(parts, source, schema, tenantKey);
      if (rowCount === 1) return { outside };
      check(parts);
      await runAll(client, inside);
      return { outside };
    },
    { limits: limits.long },
  );
}

export async function runAll(client: pg.ClientBase, statements: readonly Statement[]): Promise<void> {
  const size = 100;
  for (let from = 0; from < statements.length; from += size) {
    await client.query(
      statements
        .slice(from, from + size)
        .map(({ sql }) => sql)
        .join(";\n"),
    );
  }
}

const lockTimeoutsMs = [50, 100, 200, 400, 800, 1_600, 2_000, 2_000];

/**
 * The foreign keys that lead to one table outside, in one transaction: its lock is asked for with a short limit and again, and
 * held for as long as checking empty tables takes. Doing it again changes nothing.
 */
export async function addOutside(actor: Actor, databaseId: string, statements: readonly Statement[]): Promise<void> {
  for (const lockTimeoutMs of lockTimeoutsMs) {
    try {
      await inDatabase(actor, databaseId, async (client) => {
        await client.query("SELECT set_config('lock_timeout', $1, true)", [String(lockTimeoutMs)]);
        await runAll(client, statements);
      });
      return;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code === "42710") return; // duplicate_object: an earlier attempt added them, all at once
      if (code !== "55P03" && code !== "40P01") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, lockTimeoutMs + Math.random() * 200));
  }
  throw new Refusal(
    "timeout",
    `Something holds a lock that ${statements[0]?.object ?? "a key"} needs, and did not let go.`,
    {
      fix: "Look for long transactions under Performance, then create the tenant again.",
    },
  );
}
