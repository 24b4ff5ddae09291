import type { StatusKind } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type { RestoreRecord } from "#db/records/restore/contract.ts";

/** What the restore is called, with the subject of its plan. */
export function titleOf({ what, subject }: Pick<RestoreRecord, "what" | "subject">): string {
  if (what === "undo") return `Undo of ${subject}`;
  return what === "version" ? `${sentence(subject)}` : `Restore of ${subject}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function stateKind({ state, differing, undoneBy }: RestoreRecord): StatusKind {
  if (undoneBy !== null) return "neutral";
  if (state === "done") return differing === 0 ? "good" : "warning";
  if (state === "running") return "neutral";
  return state === "partial" ? "warning" : "critical";
}

export function stateWords({ state, undoneBy, what }: RestoreRecord): string {
  if (undoneBy !== null) return "undone";
  if (state === "partial") return "in part";
  if (state === "failed") return "nothing written";
  return state === "running" ? "running" : what === "undo" ? "undone" : "restored";
}

/** What it came to, in one line. */
export function came({ what, state, planned, written, exact, chosen, differing, error }: RestoreRecord): string {
  if (state === "failed") return error ?? "Nothing was written.";
  if (written === null) return `${counted(planned, "row")} to be written`;
  if (what === "undo") return `${counted(written, "row")} taken back`;
  const were = (rows: number) => (rows === 1 ? "as it was" : "as they were");
  const parts = [
    exact ? `${exact} exactly ${were(exact)}` : "",
    chosen ? `${chosen} ${exact ? "" : `${were(chosen)} `}but for what was chosen` : "",
    differing ? `${differing} changed by the application's own triggers` : "",
  ].filter(Boolean);
  const rows = written < planned ? `${written} of ${counted(planned, "row")}` : counted(written, "row");
  return parts.length === 0 ? rows : `${rows}: ${parts.join(", ")}`;
}
