import type { Attempt, Outcome, Verb } from "./contract.ts";
import { type Identity, type Ran, type Session, scriptOf } from "./session.ts";

type Judged = Pick<Attempt, "outcome" | "detail">;

/** Where only a timeout, a lock or a lost server ended it, nothing is known. */
function isInterrupted(code: string): boolean {
  return /^(57|55P03|53|08|40)/.test(code);
}

/** A question that ends in an error has shown nothing to anybody. */
export function judgeRead({ count, refusal }: Ran, seen: (count: number) => string): Judged {
  if (refusal && isInterrupted(refusal.code)) return interrupted(refusal);
  if (refusal?.code === "42501") return { outcome: "held", detail: "refused" };
  if (refusal) return { outcome: "held", detail: `ended in an error and showed nothing: ${refusal.message}` };
  return count === 0 ? { outcome: "held", detail: "saw none" } : { outcome: "leaked", detail: seen(count) };
}

export const onlyConstraint = "no policy stopped it, only a constraint";

/** Without the privilege nothing can leak. A row that fails a constraint had already passed the policy. */
export function judgeWrite({ count, refusal }: Ran, did: (count: number) => string): Judged {
  if (refusal && isInterrupted(refusal.code)) return interrupted(refusal);
  if (refusal?.code === "42501") return { outcome: "held", detail: "refused" };
  if (refusal?.code.startsWith("23")) {
    return { outcome: "leaked", detail: `${onlyConstraint}: ${refusal.message}` };
  }
  if (refusal) return { outcome: "unproven", detail: `ended in another error: ${refusal.message}` };
  return count === 0 ? { outcome: "held", detail: "touched none" } : { outcome: "leaked", detail: did(count) };
}

function interrupted({ code, message }: { code: string; message: string }): Judged {
  const why =
    code === "57014"
      ? "it did not end within 2 seconds"
      : code === "55P03"
        ? "it would have waited for a lock"
        : message;
  return { outcome: "unproven", detail: `not known: ${why}` };
}

export function skipped(verb: Verb, session: string, why: string): Attempt {
  return { verb, session, outcome: "skipped", detail: why, shows: "" };
}

export function attempt(verb: Verb, who: Identity, sql: string, { outcome, detail }: Judged): Attempt {
  return { verb, session: who.label, outcome, detail, shows: scriptOf(who, sql) };
}

export async function read(
  session: Session,
  who: Identity,
  sql: string,
  seen: (count: number) => string,
  verb: Verb = "select",
): Promise<Attempt> {
  return attempt(verb, who, sql, judgeRead(await session.as(who, sql), seen));
}

export async function write(
  session: Session,
  verb: Verb,
  who: Identity,
  sql: string,
  did: (count: number) => string,
): Promise<Attempt> {
  const first = await session.as(who, sql);
  // A lock that somebody holds for a moment is worth a second look.
  const ran = first.refusal?.code === "55P03" ? await session.as(who, sql) : first;
  return attempt(verb, who, sql, judgeWrite(ran, did));
}

const order: Outcome[] = ["leaked", "unproven", "held", "skipped"];

export function worstOf(attempts: readonly Attempt[]): Attempt | undefined {
  return [...attempts].sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))[0];
}
