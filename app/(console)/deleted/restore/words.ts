import type { Choice, Offer, PlannedRow, RestorePlan, RowStatus } from "#db/records/restore/contract.ts";

/** What a choice says on a button or in a list. */
const offerWords: Record<Offer, string> = {
  include: "Bring the parent back too, and its own parents",
  point: "Belongs to another parent…",
  rename: "Take another value…",
  swap: "The other row gives way",
  write: "Write another value…",
  null: "Leave it empty (NULL)",
  default: "Take the column's default",
  leave: "Leave the value in the audit log",
  skip: "Leave the row deleted, and what hangs from it",
  anyway: "Take it back all the same",
};

/** In an undo a row that is skipped is one that stays. */
export function offerLabel(offer: Offer, what: RestorePlan["what"]): string {
  return offer === "skip" && what === "undo" ? "Leave the row as it is" : offerWords[offer];
}

/** What somebody types with a choice; null where there is nothing to type. */
export function typedLabel(offer: Offer | undefined): string | null {
  if (offer === "point") return "Key of the other parent";
  if (offer === "rename") return "Other value";
  if (offer === "write") return "Value to write";
  return null;
}

export function choiceOf(offer: Offer, typed: string): Choice {
  if (offer === "point") return { do: "point", to: typed.trim() };
  if (offer === "rename" && typed.trim() !== "") return { do: "rename", to: typed.trim() };
  if (offer === "write") return { do: "write", to: typed };
  return { do: offer } as Choice;
}

export function typedIn(choice: Choice | null): string {
  return choice !== null && "to" in choice ? (choice.to ?? "") : "";
}

export const originWords: Record<PlannedRow["origin"], string> = {
  asked: "asked for",
  child: "went with it",
  parent: "parent",
  yields: "gives way",
  link: "pointed to it",
  version: "earlier version",
  undo: "taken back",
};

export const statusWords: Record<RowStatus, string> = {
  clean: "clean",
  skipped: "left deleted",
  already_live: "live already",
  unique_clash: "value is taken",
  parent_missing: "parent missing",
  parent_deleted: "parent deleted too",
  column_gone: "column gone",
  type_changed: "type changed",
  masked: "value not known",
  capped: "value too large",
  required: "value needed",
  check_failed: "breaks a rule",
  table_gone: "table gone",
  lives_elsewhere: "tenant lives elsewhere",
  lost: "gone",
  erased: "erased",
  points_elsewhere: "points elsewhere",
  held: "held",
  changed_since: "changed since",
  used_since: "used since",
};

const acts = {
  restore: { verb: "Restore", done: "restored" },
  version: { verb: "Take back", done: "taken back" },
  undo: { verb: "Undo", done: "undone" },
} as const;

export function actOf({ what }: Pick<RestorePlan, "what">) {
  return acts[what];
}
