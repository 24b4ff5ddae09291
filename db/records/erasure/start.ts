import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { auditedDatabase } from "../../audit/scope.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { erasures } from "../../schema/erasures.ts";
import { type ChooseErasure, type ColumnMethod, columnMethod, type ItemChoice, type StartErasure } from "./contract.ts";
import { erasureRow, keptOf, sealKept } from "./stored.ts";
import { subjectLabel, subjectRef } from "./subject.ts";

/** Begins a search for everything that names a person. Changes nothing of theirs. Answers the erasure's id, and the job that searches. */
export async function startErasure(
  actor: Actor,
  { basis, ...subject }: StartErasure,
): Promise<{ erasure: string; job: string }> {
  authorise(actor, "records.erase");
  const { id: databaseId } = await auditedDatabase(subject.database);
  const erasure = randomUUID();
  const label = subjectLabel(subject);
  return inControl(actor, async (tx, client) => {
    const job = await enqueueWith(client, actor, searchJob(erasure, label));
    await tx.insert(erasures).values({
      id: erasure,
      databaseId,
      subject: label,
      subjectRef: subjectRef(subject),
      basis,
      sealed: sealKept(erasure, { subject, choices: {}, words: [], log: [] }),
      askedBy: actor.name,
      findJobId: job,
    });
    return { erasure, job };
  });
}

/** Searches again, with what was chosen so far: the world may have changed since. */
export async function searchAgain(actor: Actor, { id }: { id: string }): Promise<{ job: string }> {
  authorise(actor, "records.erase");
  return inControl(actor, async (tx, client) => {
    const row = await erasureRow(id, tx, true);
    requireNotRun(row);
    const job = await enqueueWith(client, actor, searchJob(id, row.subject));
    const again = { state: "finding", findJobId: job, rehearsedHash: null, error: null } as const;
    await tx.update(erasures).set(again).where(eq(erasures.id, id));
    return { job };
  });
}

function searchJob(erasure: string, label: string) {
  return { kind: "records.erasure-find", title: `Search for ${label}`, input: { erasure } };
}

/** Keeps what becomes of one finding. The plan is another one from then on, to be rehearsed and approved anew. */
export async function chooseErasure(actor: Actor, input: ChooseErasure): Promise<Record<string, never>> {
  authorise(actor, "records.erase");
  await inControl(actor, async (tx) => {
    const row = await erasureRow(input.id, tx, true);
    requireNotRun(row);
    const kept = keptOf(row);
    const choices = { ...kept.choices };
    const choice = choiceOf(input);
    if (choice === null) delete choices[input.item];
    else choices[input.item] = choice;
    const sealed = sealKept(input.id, { ...kept, choices });
    await tx.update(erasures).set({ sealed, rehearsedHash: null }).where(eq(erasures.id, input.id));
  });
  return {};
}

export function requireNotRun({ state }: { state: string }): void {
  if (state === "finding" || state === "found") return;
  throw new Refusal("conflict", "This erasure was run already.", { fix: "Start another one for what is left." });
}

function choiceOf({ method, why, columns }: ChooseErasure): ItemChoice | null {
  if (method === "default") return null;
  if (method === "delete") return { do: "delete" };
  if (method === "redact") return { do: "redact", columns: Object.fromEntries(columns.map(columnOf)) };
  if (why) return { do: "keep", why };
  throw new Refusal("invalid", "What is kept needs a lawful reason.", {
    fieldErrors: { why: "Give the lawful reason." },
  });
}

/** `column=null`, `column=text:erased` */
function columnOf(text: string): [string, ColumnMethod] {
  const at = text.indexOf("=");
  const [verb = "", ...to] = text.slice(at + 1).split(":");
  const method = columnMethod.safeParse(to.length === 0 ? { do: verb } : { do: verb, to: to.join(":") });
  if (at > 0 && method.success) return [text.slice(0, at), method.data];
  throw new Refusal("invalid", `${text} is no choice for a column.`, {
    fix: "Write column=null, hash, words or text:WORD.",
  });
}
