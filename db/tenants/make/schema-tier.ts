import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import type { DefinitionProblem } from "../../managed/definition/definition.ts";
import { readDestination } from "../../managed/definition/destination.ts";
import { readDefinition } from "../../managed/definition/read.ts";
import { definitionStatements } from "../../managed/definition/statements.ts";
import { ownTableStatements } from "../../managed/own-tables.ts";
import type { Statement } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import { adoptedCopies, type CopyPlace } from "./copies.ts";
import type { Source } from "./source.ts";

/** What makes a tenant's own schema: one transaction for all that nobody else uses, and a short one for each key that leads out of it. */
export interface SchemaPlan {
  inside: Statement[];
  outside: Statement[];
  problems: DefinitionProblem[];
}

export function schemaPlace(source: Source, schema: string, tenantKey: string): CopyPlace {
  return { schemaOf: (one) => (one === source.schema ? schema : one), tenantKey };
}

/** In the caller's transaction on the database that lists the tenant. */
export async function planSchema(
  client: pg.ClientBase,
  source: Source,
  schema: string,
  tenantKey: string,
): Promise<SchemaPlan> {
  const names = source.own.map((table) => table.name);
  const definition = await readDefinition(client, { schema: source.schema, tables: names });
  const place = schemaPlace(source, schema, tenantKey);
  const { before, after, problems } = definitionStatements(definition, {
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
    destination: await readDestination(client),
  });
  const copies = await adoptedCopies(client, source.own, [definition], place);
  const { rows } = await client.query<{ user: string }>("SELECT current_user AS user");
  const adopted = ownTableStatements(copies, {
    application: source.applicationRole,
    caretaker: rows[0]?.user ?? "",
  });
  const leadsOut = (statement: Statement): boolean => statement.lock !== "none";
  return {
    inside: [...before, ...after.filter((one) => !leadsOut(one)), ...adopted.map(unlocked)],
    outside: after.filter(leadsOut),
    problems,
  };
}

/** Adoption's statements lock tables that an application uses; nobody uses these yet. */
export function unlocked(statement: Statement): Statement {
  return { ...statement, lock: "none" };
}

/** All or nothing, and once: the schema's own existence says that it was done. */
export async function makeSchema(
  actor: Actor,
  source: Source,
  schema: string,
  tenantKey: string,
): Promise<{ made: boolean }> {
  return await inDatabase(
    actor,
    source.databaseId,
    async (client) => {
      const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
      if (rowCount === 1) return { made: false };
      const { inside } = await planSchema(client, source, schema, tenantKey);
      await runAll(client, inside);
      return { made: true };
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

/** One foreign key that leads out of the schema; doing it again changes nothing. */
export async function addOutside(actor: Actor, databaseId: string, statement: Statement): Promise<void> {
  for (const lockTimeoutMs of lockTimeoutsMs) {
    try {
      await inDatabase(actor, databaseId, async (client) => {
        await client.query("SELECT set_config('lock_timeout', $1, true)", [String(lockTimeoutMs)]);
        await client.query(statement.sql);
      });
      return;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code === "42710") return; // duplicate_object: an earlier attempt added it
      if (code !== "55P03" && code !== "40P01") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, lockTimeoutMs + Math.random() * 200));
  }
  throw new Refusal("timeout", `Something holds a lock that ${statement.object} needs, and did not let go.`, {
    fix: "Look for long transactions under Performance, then create the tenant again.",
  });
}
