import type pg from "pg";
import { type Actor, authorise } from "../../../actor.ts";
import { databaseNames } from "../../../audit/scope.ts";
import { controlPool } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import { inDatabase } from "../../../fleet.ts";
import { giveRights } from "../../../managed/door.ts";
import { erasuresDue } from "../due.ts";
import type { OpenDatabase } from "./contract.ts";
import { requireNobodyElsewhere } from "./elsewhere.ts";
import { type Closing, closingOf, endClosing } from "./record.ts";

/** The rights that were given back, without those of roles that are not there any more. */
export interface Opened {
  opened: boolean;
  gone: string[];
}

/**
 * Opens a database to its application again, as it was before it was closed.
 *
 * @throws Refusal `conflict` while erasures are due in it, unless it is opened all the same with a reason, and while they are applied.
 */
export async function openDatabase(actor: Actor, { database, anyway, reason }: OpenDatabase): Promise<Opened> {
  authorise(actor, "records.erase");
  const name = (await databaseNames([database])).get(database) ?? database;
  const closing = await closingOf(database);
  if (closing === null)
    throw new Refusal("conflict", `${name} was not closed by this console.`, {
      fix: `Where nobody may connect, give the right as its owner: GRANT CONNECT ON DATABASE … TO the application's role.`,
    });
  if (await isReplaying(controlPool(), database))
    throw new Refusal("conflict", `Erasures are being applied in ${name}.`, {
      fix: "Wait for it: it opens the database itself. Or cancel the job first.",
    });
  const why = reason?.trim();
  if (anyway && !why)
    throw new Refusal("invalid", "Opening it all the same needs a reason.", {
      fieldErrors: { reason: "Say why; it goes into the audit log." },
    });
  if (!anyway) await requireNothingLeft(closing, name);
  return reopen(actor, database, why ?? "Nothing is due in it.");
}

async function requireNothingLeft({ databaseId, fromId, closedAt }: Closing, name: string): Promise<void> {
  await requireNobodyElsewhere(databaseId, name, closedAt);
  const due = (await erasuresDue(databaseId, fromId)).length;
  if (due > 0)
    throw new Refusal("conflict", `${due} of the erasures are to be applied in ${name} first, or left somebody.`, {
      fix: `Apply them: caretaker erasures replay ${name}. Where that leaves somebody, mend what the checks of the erasures name, and check again.`,
    });
  const { rows } = await controlPool().query<{ left: number }>(
    `SELECT count(*) FILTER (WHERE NOT clean)::int AS left
       FROM (SELECT DISTINCT ON (erasure_id) clean FROM erasure_checks
              WHERE database_id = $1 AND checked_at >= $2 ORDER BY erasure_id, checked_at DESC) AS newest`,
    [databaseId, closedAt],
  );
  const left = rows[0]?.left ?? 0;
  if (left > 0)
    throw new Refusal("conflict", `Of ${left} erased people something is left in ${name}, or not all was looked at.`, {
      fix: "Look at the checks of the erasures, and check them again; or open it all the same, with a reason.",
    });
}

/** Gives back what was taken; nothing where nothing was. The rights first: cut off after them, it is asked for again. */
export async function reopen(actor: Actor, database: string, why: string): Promise<Opened> {
  const closing = await closingOf(database);
  if (closing === null) return { opened: false, gone: [] };
  const { gone } = await inDatabase(actor, database, (client) => giveRights(client, closing.grants, closing.lent), {
    reason: why,
  });
  await endClosing(actor, closing, why);
  return { opened: true, gone };
}

export async function isReplaying(client: Pick<pg.ClientBase, "query">, database: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM jobs WHERE kind = 'records.erasure-replay' AND state IN ('queued', 'running') AND input ->> 'database' = $1`,
    [database],
  );
  return rowCount !== 0;
}
