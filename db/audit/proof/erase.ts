import { createHash } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import type { Consent } from "../../approvals/contract.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import type { ErasureInput, ErasurePlan } from "./contract.ts";
import { type FoundValues, findValues } from "./erasure-find.ts";
import { planEntries } from "./planned-entries.ts";

/** Entries an erasure touches at most; a bigger one is done in parts. */
const entriesMax = 100_000;

/** What an erasure would touch, and the hash that consent and approval are bound to. */
export async function planErasure(actor: Actor, input: ErasureInput): Promise<ErasurePlan> {
  authorise(actor, "audit.erase");
  return planOf(input, await findValues(input, entriesMax));
}

/**
 * Erases a person's values from the log and from its archived months for good: the values, and the salts of their leaves, so that
 * neither the log nor the tree leads back to them. Entries, leaves and checkpoints stay, and the erasure is an entry of its own. Irreversible: needs the
 * subject typed, a reason, the password and a second person. Returns the job's id.
 */
export async function eraseValues(actor: Actor, input: ErasureInput, consent: Consent): Promise<{ jobId: string }> {
  authorise(actor, "audit.erase");
  const found = await findValues(input, entriesMax);
  const plan = planOf(input, found);
  const { ids } = found;
  if (ids.length === 0) throw nothingThere();
  return inControl(
    actor,
    async (tx, client) => {
      const { subject, hash: planHash } = plan;
      const need = { verb: "audit.erase", tier: "irreversible", subject, planHash, secondPerson: true } as const;
      await requireConsent(tx, actor, need, consent);
      const jobId = await enqueueWith(client, actor, {
        kind: "audit.erase",
        title: `Erasure of ${subject} from the log`,
        input: { ...input, reason: consent.reason ?? "" },
        planHash,
      });
      await planEntries(client, input.databaseId, ids, jobId);
      return { jobId };
    },
    { reason: consent.reason ?? null },
  );
}

function planOf(input: ErasureInput, { ids, archived }: FoundValues): ErasurePlan {
  const hash = createHash("sha256")
    .update(JSON.stringify([input, ids, archived]))
    .digest("hex");
  const months = archived.map(({ month, ids: own }) => ({ month, entries: own.length }));
  return { subject: subjectOf(input), entries: ids.length, archived: months, hash };
}

export function subjectOf({ subject }: ErasureInput): string {
  if (subject.kind === "actor") return `actor ${subject.user}`;
  const [first, ...rest] = subject.records;
  return `${subject.schema}.${subject.table} ${first}${rest.length > 0 ? ` and ${rest.length} more` : ""}`;
}

function nothingThere(): Refusal {
  return new Refusal("not_found", "The log holds no entry with values of this subject.", {
    fix: "Check the table, the record and the columns.",
  });
}
