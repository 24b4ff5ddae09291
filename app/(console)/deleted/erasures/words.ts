import type { StatusKind } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import {
  type CheckOutcome,
  type ErasureCheck,
  type ErasureItem,
  type ErasurePlan,
  type ErasureRecord,
  outcomeOf,
} from "#db/records/erasure/contract.ts";

export function stateKind({ state, lastCheck, error }: ErasureRecord): StatusKind {
  const outcome = lastCheck && outcomeOf(lastCheck);
  if (outcome === "left") return "critical";
  if (outcome === "unread") return "warning";
  if (state === "done") return "good";
  if (state === "incomplete" || error !== null) return "warning";
  return "neutral";
}

export function stateWords({ state, lastCheck }: ErasureRecord): string {
  const outcome = lastCheck && outcomeOf(lastCheck);
  if (outcome === "unread") return "not all was looked at";
  if (outcome === "left" && state === "done") return "found again";
  const words: Record<ErasureRecord["state"], string> = {
    finding: "searching",
    found: "planned",
    running: "erasing",
    done: "erased",
    incomplete: "something is left",
  };
  return words[state];
}

/** How it stands, in one sentence. */
export function cameTo(record: ErasureRecord): string {
  const { state, error, lastCheck, proposedBy, approvedBy } = record;
  if (error !== null) return error;
  if (state === "finding") return "The search is under way.";
  if (state === "found") return "Nothing was erased yet.";
  if (state === "running") return "It is under way.";
  const people = approvedBy === null ? proposedBy : `${proposedBy} and ${approvedBy}`;
  const outcome = lastCheck && outcomeOf(lastCheck);
  if (outcome === "left") return "A later search found something.";
  if (outcome === "unread") return "The last search found nothing, but could not look at everything.";
  return `Agreed to by ${people}.`;
}

export function planAnswer({ status, items, redacted, deleted, entries }: ErasurePlan): string {
  const open = items.filter(({ method, problems }) => method === "open" || problems.length > 0).length;
  if (open > 0) return `${counted(open, "finding")} ${open === 1 ? "waits" : "wait"} for a decision.`;
  if (status === "nothing")
    return items.length === 0 ? "Nothing names this person." : "Everything that was found is kept.";
  const removed = items.reduce((sum, { method, count }) => sum + (method === "remove" ? count : 0), 0);
  const parts = [
    redacted > 0 ? `${counted(redacted, "row")} would lose values` : "",
    deleted > 0 ? `${counted(deleted, "row")} would go` : "",
    entries > 0 ? `${counted(entries, "entry", "entries")} of the log would lose values` : "",
    removed > 0 ? `${counted(removed, "kept copy or file", "kept copies and files")} would go` : "",
  ].filter(Boolean);
  return `${parts.join(", ")}.`;
}

export const kindWords: Record<ErasureItem["kind"], string> = {
  own: "own row",
  path: "linked rows",
  column: "personal column",
  text: "free text",
  log: "log alone",
  copies: "kept copies",
  actor: "acts",
  export: "export",
};

export const checkWords = { run: "after the erasure", check: "check", replay: "applied again" } as const;

export const outcomeKinds: Record<CheckOutcome, StatusKind> = { clean: "good", left: "critical", unread: "warning" };

/** What a search after an erasure found, by place and number. */
export function outcomeWords(check: Pick<ErasureCheck, "clean" | "remaining">): string {
  const words: Record<CheckOutcome, string> = {
    clean: "nothing",
    left: check.remaining.map(({ where, count }) => `${count} in ${where}`).join(", "),
    unread: "nothing, but not all was looked at",
  };
  return words[outcomeOf(check)];
}
