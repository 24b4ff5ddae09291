import pg from "pg";
import { Refusal } from "../../../errors.ts";
import { isTransient } from "../../../jobs/finish.ts";

/** What the server said of itself and not of a statement: its state, its sign-in, its room, its being stopped. */
const ofServer = /^(25|28|3D|53|57P|58|XX)/;

/**
 * What a failed change of rows means: a rule, a trigger of the application or row security that refused comes again however often the
 * job tries, and is told by its table and code; never in its own words, which may name the person. Anything else stays as it is.
 */
export function asRefused(error: unknown, table: string): unknown {
  if (!(error instanceof pg.DatabaseError) || isTransient(error) || ofServer.test(error.code ?? "")) return error;
  const rule = [error.constraint, error.code].filter(Boolean).join(", ");
  return new Refusal("stale_plan", `A rule of ${table} refuses it (${rule}): none of these rows was changed.`, {
    fix: "Make the dry run again: it names what would fail.",
    cause: error,
  });
}
