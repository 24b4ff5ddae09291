import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import type { AcceptFinding, WithdrawAcceptance } from "./inputs.ts";

/** Says why a finding may stay as it is. It covers the state it is in now: a change brings the finding back. */
export async function acceptFinding(actor: Actor, { databaseId, key, evidence, reason }: AcceptFinding): Promise<void> {
  authorise(actor, "databases.manage");
  await inControl(actor, async (_tx, client) => {
    const { rows } = await client.query<{ evidence: string }>(
      `SELECT f.evidence FROM isolation_findings f
        WHERE f.key = $2
          AND f.run_id = (SELECT id FROM isolation_runs WHERE database_id = $1 AND state = 'done' ORDER BY finished_at DESC LIMIT 1)`,
      [databaseId, key],
    );
    const [found] = rows;
    if (found?.evidence !== evidence) {
      throw new Refusal(
        "conflict",
        found ? "It has changed since you looked at it." : "The newest check no longer finds it.",
        {
          fix: "Reload the page and look again.",
        },
      );
    }
    const { rowCount } = await client.query(
      `INSERT INTO isolation_acceptances (database_id, key, evidence, reason, accepted_by, accepted_by_name)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [databaseId, key, evidence, reason, actor.staffId, actor.name],
    );
    if (rowCount === 0) throw new Refusal("conflict", "Somebody accepted it already.", { fix: "Reload the page." });
  });
}

export async function withdrawAcceptance(actor: Actor, { acceptanceId }: WithdrawAcceptance): Promise<void> {
  authorise(actor, "databases.manage");
  await inControl(actor, async (_tx, client) => {
    const { rowCount } = await client.query(
      "UPDATE isolation_acceptances SET withdrawn_at = now(), withdrawn_by = $2 WHERE id = $1 AND withdrawn_at IS NULL",
      [acceptanceId, actor.staffId],
    );
    if (rowCount === 0) throw new Refusal("conflict", "It was withdrawn already.", { fix: "Reload the page." });
  });
}
