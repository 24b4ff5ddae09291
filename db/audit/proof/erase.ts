import { createHash } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import type { Consent } from "../../approvals/contract.ts";
import { controlPool, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import type { ErasureInput, ErasurePlan } from "./contract.ts";

/** Entries an erasure touches at most; a bigger one is done in parts. */
const entriesMax = 100_000;

/** What an erasure would touch, and the hash that consent and approval are bound to. */
export async function planErasure(actor: Actor, input: ErasureInput): Promise<ErasurePlan> {
  authorise(actor, "audit.erase");
  const { ids, coldMonths } = await found(input);
  const hash = createHash("sha256")
    .update(JSON.stringify([input, ids, coldMonths]))
    .digest("hex");
  return { subject: subjectOf(input), entries: ids.length, coldMonths, hash };
}

/**
 * Erases a person's values from the log for good: the values, and the salts of their leaves, so that neither the log nor the tree
 * leads back to them. Entries, leaves and checkpoints stay, and the erasure is an entry of its own. Irreversible: needs the
 * subject typed, a reason, the password and a second person. Returns the job's id.
 */
export async function eraseValues(actor: Actor, input: ErasureInput, consent: Consent): Promise<{ jobId: string }> {
  authorise(actor, "audit.erase");
  const plan = await planErasure(actor, input);
  const { ids } = await found(input);
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
      await client.query(
        `INSERT INTO erased_entries (database_id, entry_id, job_id) SELECT $1, unnest($2::bigint[]), $3
         ON CONFLICT (database_id, entry_id) DO NOTHING`,
        [input.databaseId, ids, jobId],
      );
      return { jobId };
    },
    { reason: consent.reason ?? null },
  );
}

export function subjectOf({ subject }: ErasureInput): string {
  if (subject.kind === "actor") return `actor ${subject.user}`;
  const [first, ...rest] = subject.records;
  return `${subject.schema}.${subject.table} ${first}${rest.length > 0 ? ` and ${rest.length} more` : ""}`;
}

/** SQL over the log and its parameters: the entries that hold the subject's values. */
export function erasureWhere({ subject }: ErasureInput): { where: string; values: unknown[] } {
  if (subject.kind === "actor")
    return { where: "user_id = $1 AND (ip_address IS NOT NULL OR user_agent IS NOT NULL)", values: [subject.user] };
  return {
    where: `resource_schema = $1 AND resource_type = $2 AND resource_id = ANY ($3::text[])
            AND coalesce(old_values, new_values) ?| $4::text[]`,
    values: [subject.schema, subject.table, subject.records, subject.columns],
  };
}

async function found(input: ErasureInput): Promise<{ ids: string[]; coldMonths: string[] }> {
  const { where, values } = erasureWhere(input);
  const ids = await withDatabase(input.databaseId, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id::text FROM caretaker.audit_logs WHERE ${where} ORDER BY created_at, audit_logs.id LIMIT ${entriesMax + 1}`,
      values,
    );
    return rows.map(({ id }) => id);
  });
  if (ids.length > entriesMax) throw tooMany();
  const { rows } = await controlPool().query<{ month: string }>(
    "SELECT month::text FROM audit_archives WHERE database_id = $1 AND state = 'cold' ORDER BY month",
    [input.databaseId],
  );
  return { ids, coldMonths: rows.map(({ month }) => month.slice(0, 7)) };
}

function nothingThere(): Refusal {
  return new Refusal("not_found", "The log holds no entry with values of this subject.", {
    fix: "Check the table, the record and the columns; months in the archive are not looked at.",
  });
}

function tooMany(): Refusal {
  return new Refusal("invalid", `More than ${entriesMax} entries hold this subject's values.`, {
    fix: "Erase fewer records at a time.",
  });
}
