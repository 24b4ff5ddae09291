import type { MoveProblem } from "../../contract.ts";
import type { FoundTable } from "../catalog.ts";
import type { ModelledTable } from "../place.ts";

/** What a table's definition has that a move cannot carry, or not without somebody knowing. */
export function checkTable(table: FoundTable, subject: string): MoveProblem[] {
  const stops = (code: string, message: string, fix: string): MoveProblem => ({
    severity: "blocking",
    code,
    subject,
    message,
    fix,
  });
  const problems: MoveProblem[] = [];
  if (table.kind !== "table") {
    problems.push(
      stops(
        "kind",
        `${subject} is ${table.kind === "partitioned" ? "partitioned" : "not an ordinary table"}; moves carry ordinary tables.`,
        table.kind === "partitioned"
          ? `Keep this tenant in the shared schema, or make ${subject} an ordinary table first: CREATE TABLE … (LIKE ${subject} INCLUDING ALL), copy the rows, and swap the names.`
          : "Keep this tenant where it is, or set the table's class to ignored in the model.",
      ),
    );
  }
  if (!table.logged) {
    problems.push(
      stops(
        "unlogged",
        `${subject} is unlogged: a crash empties it, and a move could not tell.`,
        `ALTER TABLE ${subject} SET LOGGED;`,
      ),
    );
  }
  if (table.key.length === 0) {
    problems.push(
      stops(
        "no_key",
        `${subject} has no primary key and no unique index over columns that are never null.`,
        `Give it one: ALTER TABLE ${subject} ADD PRIMARY KEY (…);`,
      ),
    );
  }
  const foreign = table.columns.find(({ name, builtIn }) => table.key.includes(name) && !builtIn);
  if (foreign) {
    problems.push(
      stops(
        "key_type",
        `The key of ${subject} has a column of the type ${foreign.type}, which does not come with PostgreSQL.`,
        "Give it a key over columns of usual types.",
      ),
    );
  }
  if (table.hidden) {
    problems.push(
      stops(
        "hidden_rows",
        `Row security hides rows of ${subject} from Caretaker's role.`,
        "ALTER ROLE … BYPASSRLS for that role, or adopt the table's row security.",
      ),
    );
  }
  const object = table.columns.find(({ largeObject }) => largeObject);
  if (object) {
    problems.push(
      stops(
        "large_object",
        `${subject}.${object.name} may point to large objects, which a move does not carry.`,
        "Keep the contents in a bytea column, or in an object store.",
      ),
    );
  }
  const always = table.triggers.filter((trigger) => trigger.always);
  if (always.length > 0) {
    problems.push(
      stops(
        "trigger_always",
        `The trigger ${always[0]?.name} of ${subject} fires for copied rows too.`,
        `ALTER TABLE ${subject} ENABLE TRIGGER ${always[0]?.name}; lets it fire for the application's writes only.`,
      ),
    );
  }
  const usual = table.triggers.filter((trigger) => !trigger.always);
  if (usual.length > 0) {
    problems.push({
      severity: "warning",
      code: "triggers",
      subject,
      message: `${usual.length} of the application's triggers do not fire for copied rows: ${usual.map(({ name }) => name).join(", ")}.`,
      fix: "Nothing, unless one of them keeps something elsewhere that must know of the new place.",
    });
  }
  return problems;
}

/** A tenant's own tables must be what the shared ones are, or its rows would not fit on the way. */
export function checkAlike(
  own: readonly FoundTable[],
  shared: readonly FoundTable[],
  modelled: readonly ModelledTable[],
): MoveProblem[] {
  return modelled.flatMap(({ name }): MoveProblem[] => {
    const here = own.find((table) => table.name === name);
    const there = shared.find((table) => table.name === name);
    if (!here || !there) {
      return [
        {
          severity: "blocking",
          code: "missing_table",
          subject: name,
          message: `${name} is ${here ? "not in the shared schema" : "not at the tenant's place"}.`,
          fix: "Bring both to the same version of the application's migrations.",
        },
      ];
    }
    const shape = (table: FoundTable) =>
      JSON.stringify([table.columns.map((one) => [one.name, one.type, one.generated]).toSorted(), table.key]);
    if (shape(here) === shape(there)) return [];
    return [
      {
        severity: "blocking",
        code: "different_columns",
        subject: name,
        message: `The columns or the key of ${name} differ between the tenant's place and the shared schema.`,
        fix: "Bring both to the same version of the application's migrations.",
      },
    ];
  });
}
