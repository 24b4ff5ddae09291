import pg from "pg";
import { z } from "zod";
import { Refusal } from "../../errors.ts";
import { parseJson } from "./choices.ts";
import { rowsInPlan } from "./contract.ts";

const again = "Look at the plan again.";

export function tooMany(found: string): Refusal {
  return new Refusal("too_broad", `${found}; a plan takes ${rowsInPlan} at most.`, {
    fix: "Restore it in parts: leave tables out, or narrow the filter by time.",
  });
}

/** What the database itself refuses, in words; a defect stays what it was. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { code = "", constraint, table, detail, message } = error;
  const where = constraint === undefined ? "" : ` (${constraint}${table === undefined ? "" : ` of ${table}`})`;
  const said = detail ?? message;
  const refuse = (as: Refusal["code"], words: string, fix: string) => new Refusal(as, words, { fix, cause: error });
  if (code === "23505") {
    return refuse(
      "conflict",
      `A live row took the place of a restored one meanwhile${where}: ${said} Nothing was written.`,
      again,
    );
  }
  if (code === "23503") {
    return refuse(
      "conflict",
      `A row that a restored one belongs to went meanwhile${where}: ${said} Nothing was written.`,
      again,
    );
  }
  if (code.startsWith("23")) {
    return refuse("conflict", `The database refused a row${where}: ${said} Nothing was written.`, again);
  }
  if (code === "42501") {
    const fix =
      "Grant it INSERT, UPDATE and DELETE on the tables, and BYPASSRLS where row security is forced; reopen a tenant that is suspended.";
    return refuse("unsupported", `The console's role may not write these rows: ${message}. Nothing was written.`, fix);
  }
  if (code === "55P03" || code === "40P01") {
    const fix = "Try again in a moment.";
    return refuse("timeout", "The rows or their tables are locked by somebody else. Nothing was written.", fix);
  }
  if (code === "55P04") {
    const fix = "Look at the plan again: it says which rows belong to a tenant that lives elsewhere.";
    return refuse("conflict", `${message} ${livesNow(error.hint)}Nothing was written.`, fix);
  }
  if (code === "57014") {
    return refuse("timeout", "The database did not finish in time. Nothing was written.", "Restore it in parts.");
  }
  // raise_exception: a trigger of the application, or a hold.
  if (code.startsWith("P0")) return refuse("conflict", `The database refused: ${message}. Nothing was written.`, again);
  return error;
}

const address = z
  .string()
  .transform(parseJson)
  .pipe(z.object({ database: z.string(), schema: z.string() }));

/** The gate of a move says in its hint, as JSON, where the tenant lives. */
function livesNow(hint: string | undefined): string {
  const { data } = address.safeParse(hint);
  return data ? `It lives in ${data.database}, schema ${data.schema}. ` : "";
}
