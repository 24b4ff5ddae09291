import type pg from "pg";
import type { MoveProblem } from "../../contract.ts";
import type { FoundTable } from "../catalog.ts";

/** An application that owns its tables or is a superuser can switch off what fences it. */
export async function checkApplicationRole(
  client: pg.ClientBase,
  role: string | null,
  mover: string,
  tables: readonly FoundTable[],
): Promise<MoveProblem[]> {
  const warns = (code: string, message: string, fix: string): MoveProblem => ({
    severity: "grave",
    code,
    subject: role ?? "application role",
    message,
    fix,
  });
  if (role === null) {
    return [
      {
        ...warns(
          "no_application_role",
          "The model does not say which role the application connects as.",
          "Choose it in the model, so that it can be checked here.",
        ),
        severity: "warning",
      },
    ];
  }
  const { rows } = await client.query<{ superuser: boolean; bypass: boolean }>(
    "SELECT rolsuper AS superuser, rolbypassrls AS bypass FROM pg_roles WHERE rolname = $1",
    [role],
  );
  const problems: MoveProblem[] = [];
  if (role === mover) {
    problems.push({
      ...warns(
        "same_role",
        `The application connects as ${role}, like Caretaker: its writes could not be told from the mover's.`,
        "Give the application a role of its own.",
      ),
      severity: "blocking",
    });
  }
  if (rows[0]?.superuser) {
    problems.push(
      warns(
        "role_superuser",
        `${role} is a superuser: it can switch off every trigger that fences it, and reads old rows at the place that was left.`,
        "Give the application a role without SUPERUSER.",
      ),
    );
  } else if (rows[0]?.bypass) {
    problems.push(
      warns(
        "role_bypasses",
        `${role} is not bound by row security: it would read old rows at the place that was left, though it can write none.`,
        "Give the application a role without BYPASSRLS.",
      ),
    );
  }
  const owned = rows[0] && !rows[0].superuser ? await ownedBy(client, role, tables) : [];
  if (owned.length > 0) {
    problems.push(
      warns(
        "role_owns",
        `${role} owns ${owned.length} of the tables, itself or by a role that it is a member of, so that it can disable the triggers that fence it: ${owned.slice(0, 5).join(", ")}.`,
        "Let a role own them that the application is no member of.",
      ),
    );
  }
  return problems;
}

async function ownedBy(client: pg.ClientBase, role: string, tables: readonly FoundTable[]): Promise<string[]> {
  const { rows } = await client.query<{ owner: string }>(
    "SELECT owner FROM unnest($2::text[]) AS owner WHERE pg_has_role($1::name, owner::name, 'MEMBER')",
    [role, [...new Set(tables.map(({ owner }) => owner))]],
  );
  return tables.filter((table) => rows.some(({ owner }) => owner === table.owner)).map(({ name }) => name);
}
