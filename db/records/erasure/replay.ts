import { type Actor, authorise } from "../../actor.ts";
import { auditedDatabase } from "../../audit/scope.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import type { ReplayErasures } from "./closing/contract.ts";
import { requireNobodyElsewhere } from "./closing/elsewhere.ts";
import { isReplaying } from "./closing/open.ts";
import { closingOf } from "./closing/record.ts";
import { ledgerOf } from "./ledger.ts";

/**
 * Applies every erasure of a database again, by a job: what a restore from a backup brought back goes a second time. Nothing new is
 * decided: it is what two people agreed to. `from` is the database that a copy was made of. Where erasures are due, the database is
 * closed to its application first and opened once nothing of them is left, unless the application is `keptOut` by other means.
 */
export async function replayErasures(
  actor: Actor,
  { database, from = database, keptOut }: ReplayErasures,
): Promise<{ job: string }> {
  authorise(actor, "records.erase");
  const { name } = await auditedDatabase(database);
  if ((await ledgerOf(from)).length === 0) {
    const closing = await closingOf(database);
    if (closing) await requireNobodyElsewhere(database, name, closing.closedAt);
    throw new Refusal("not_found", "No erasure was run in this database.", {
      fix: "If it is a copy of another one, name that one as well.",
    });
  }
  const title = `Erasures applied again in ${name}`;
  const job = await inControl(actor, async (_tx, client) => {
    // Two people asking at once wait for one another here, so that only one finds nothing under way.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('erasures.replay ' || $1, 0))", [database]);
    if (await isReplaying(client, database)) {
      throw new Refusal("conflict", `Erasures are being applied in ${name} already.`, {
        fix: "Wait for it, or cancel the job first.",
      });
    }
    const input = { database, from, keptOut: keptOut === true };
    return enqueueWith(client, actor, { kind: "records.erasure-replay", title, input });
  });
  return { job };
}
