import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { sealEpochs } from "../../schema/proof.ts";
import { recordEvent } from "../record-event.ts";
import { type BeginEpoch, epochSubject } from "./contract.ts";
import { epochStart } from "./epoch-plan.ts";

/**
 * Lets sealing go on in a database that was put back to a backup: after the last sealed entry that is still there, whatever its
 * transaction. The tree keeps every leaf, also of entries that are gone, and only grows on, so that checkpoints and proofs of before
 * hold. What is gone is counted once and never more. Irreversible: needs the subject typed, a reason, the password and a second person.
 */
export async function beginEpoch(actor: Actor, input: BeginEpoch): Promise<{ lost: number }> {
  authorise(actor, "audit.verify");
  const { log, last, fromLeaf, lost, plan } = await epochStart(actor, input);
  const { databaseId, size, generation } = log;
  return inControl(
    actor,
    async (tx, client) => {
      const need = {
        tier: "irreversible",
        subject: epochSubject(plan),
        planHash: plan.hash,
        secondPerson: true,
      } as const;
      await requireConsent(tx, actor, { verb: "audit.begin_epoch", ...need }, input);
      const { rowCount } = await client.query(
        `UPDATE sealed_logs
            SET stopped = NULL, last_transaction = $4, last_id = $5, sealed_to = $4, generation = generation + 1
          WHERE database_id = $1 AND size = $2 AND generation = $3 AND stopped IS NOT NULL`,
        [databaseId, size, generation, last?.transaction ?? "0", last?.id ?? "0"],
      );
      if (rowCount !== 1) throw cameBetween();
      const [epoch] = await tx
        .insert(sealEpochs)
        .values({ databaseId, fromLeaf, toLeaf: size, lost, reason: input.reason ?? "", begunBy: actor.name })
        .returning({ id: sealEpochs.id });
      await recordEvent(client, {
        action: "seal-epoch",
        resourceType: "sealed_logs",
        resourceId: databaseId,
        metadata: { epoch: epoch?.id, fromLeaf, size, lost, lastEntry: plan.lastEntry, stopped: plan.why },
      });
      return { lost };
    },
    { reason: input.reason ?? null },
  );
}

function cameBetween(): Refusal {
  return new Refusal("stale_plan", "The log's seal changed since the plan was made.", { fix: "Look at the new plan." });
}
