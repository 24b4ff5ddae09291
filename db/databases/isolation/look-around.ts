import pg from "pg";
import { Refusal } from "../../errors.ts";
import { readCatalog } from "../catalog.ts";
import type { DatabaseModel } from "../contract.ts";
import { vocabularyOf } from "./identities.ts";
import type { Surveyed } from "./lints/rules.ts";
import { readPolicies, readRoutines } from "./policies.ts";
import { subjectsOf } from "./subjects.ts";
import { readRelations, readRole, readViewSources } from "./survey.ts";

export interface Around extends Omit<Surveyed, "tried"> {
  /** Caretaker's list of suspended tenants is there. */
  suspensions: boolean;
  model: DatabaseModel;
}

/** Everything the check knows before it tries anything, read in one short transaction. @throws Refusal `unsupported` */
export async function lookAround(client: pg.Client, model: DatabaseModel): Promise<Around> {
  const role = model.applicationRole;
  if (role === null) {
    throw new Refusal("unsupported", "The model does not say which role the application connects as.", {
      fix: "Choose the application's role in the model.",
    });
  }
  await client.query(
    "BEGIN READ ONLY; SET LOCAL statement_timeout = 20000; SET LOCAL lock_timeout = 2000; SET LOCAL jit = off; SET LOCAL search_path = pg_catalog",
  );
  try {
    const facts = await readRole(client, role);
    if (!facts) {
      throw new Refusal("unsupported", `There is no role ${role} any more.`, {
        fix: "Choose the application's role in the model.",
      });
    }
    if (!facts.caretaker.member) {
      throw new Refusal("unsupported", `${facts.caretaker.name} may not act as ${role}, so the check cannot be made.`, {
        fix: `GRANT "${role}" TO "${facts.caretaker.name}";`,
      });
    }
    const catalog = await readCatalog(client);
    const relations = await readRelations(client, role);
    const policies = await readPolicies(client, role);
    const routines = await readRoutines(client, role);
    const viewSources = await readViewSources(client);
    const { rows } = await client.query<{ suspensions: boolean; views: string[] }>(
      `SELECT to_regclass('caretaker.suspended_tenants') IS NOT NULL AS suspensions,
              ARRAY(SELECT pg_get_viewdef(v.oid) FROM pg_class v JOIN pg_namespace n ON n.oid = v.relnamespace
                     WHERE v.relkind = 'v' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'caretaker')) AS views`,
    );
    return {
      facts,
      catalog,
      relations,
      subjects: subjectsOf(model, catalog, relations),
      policies,
      routines,
      viewSources,
      vocabulary: vocabularyOf(policies, routines, rows[0]?.views ?? []),
      suspensions: rows[0]?.suspensions ?? false,
      model,
    };
  } catch (error) {
    throw isLockTimeout(error)
      ? new Refusal(
          "timeout",
          "Somebody holds a lock on a table of this database, and the check does not wait for it.",
          {
            fix: "Check again when the migration or maintenance is over.",
            cause: error,
          },
        )
      : error;
  } finally {
    await client.query("ROLLBACK");
  }
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "55P03";
}
