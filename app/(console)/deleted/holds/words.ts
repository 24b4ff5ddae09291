import type { StatusKind } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type { HoldKind, HoldRule, LegalHold } from "#db/audit/retention/contract.ts";
import type { HoldStanding, StandingHold } from "#db/records/holds/contract.ts";

export const kindWords: Record<HoldKind, { label: string; what: string }> = {
  tenant: { label: "A tenant", what: "Every row of one tenant, in every table that tells its tenant." },
  record: { label: "A record", what: "One row of one table, by its key." },
  person: {
    label: "A person",
    what: "A person's row in the table of users, and every row that points at it by a foreign key. Not rows that point at those, nor such that only hold the person's values: hold these by their values.",
  },
  filter: { label: "Certain values", what: "Rows of one table whose columns hold certain values, now or later." },
  table: { label: "A table", what: "Every row of one table, or one tenant's rows in it." },
  everything: { label: "Everything", what: "Every row of every table, of one database or of each." },
};

/** What a hold keeps: "tenant acme", "public.orders where status = disputed". */
export function holdWords(hold: Pick<LegalHold, "kind" | "table" | "tenant" | "record" | "person" | "rules">): string {
  const of = hold.tenant === null ? "" : `tenant ${hold.tenant}`;
  const table = hold.table ?? "";
  if (hold.kind === "person") {
    const tables = new Set(hold.rules?.map((rule) => rule.table));
    return `person ${hold.person}, in ${counted(tables.size, "table")}`;
  }
  if (hold.kind === "filter")
    return [table, of, `where ${hold.rules?.map(valueWords).join(" or ")}`].filter(Boolean).join(" ");
  if (hold.kind === "everything") return "everything";
  return [table, of, hold.record === null ? "" : `record ${hold.record}`].filter(Boolean).join(", ");
}

function valueWords({ values }: HoldRule): string {
  return Object.entries(values)
    .map(([column, value]) => `${column} = ${value}`)
    .join(" and ");
}

/** How many rows it keeps now, over all databases; nothing where they could not be counted. */
export function keptWords(standing: readonly HoldStanding[]): string {
  const counts = standing.flatMap(({ kept }) => kept ?? []);
  if (counts.length === 0) return "";
  const rows = counts.reduce((sum, kept) => sum + kept.rows, 0);
  const exact = counts.length === standing.length && counts.every((kept) => kept.exact);
  return `${exact ? "" : "at least "}${counted(rows, "row")} now`;
}

export const standingWords: Record<HoldStanding["state"], { kind: StatusKind; word: string }> = {
  in_force: { kind: "good", word: "in force" },
  coming: { kind: "warning", word: "coming" },
  silent: { kind: "unknown", word: "no answer" },
  unsupported: { kind: "critical", word: "not in force" },
};

/** The answer of the screen in one sentence. */
export function holdsAnswer(holds: readonly StandingHold[]): string {
  const standing = holds.filter(({ releasedAt }) => releasedAt === null);
  if (standing.length === 0) return "Nothing is held.";
  const weak = standing.filter((hold) => hold.standing.some(({ state }) => state !== "in_force")).length;
  const one = `${counted(standing.length, "hold")} ${standing.length === 1 ? "stands" : "stand"}`;
  const short = standing.filter((hold) => hold.standing.some(({ gaps }) => gaps.length > 0)).length;
  const less = short === 0 ? "" : ` ${short} ${short === 1 ? "keeps" : "keep"} nothing now, or less than it may seem.`;
  return weak === 0
    ? `${one}, in force wherever ${standing.length === 1 ? "it is" : "they are"} to be.${less}`
    : `${one}; ${weak} not known to be in force everywhere.${less}`;
}
