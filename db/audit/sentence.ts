import type { AuditEntry, EntryActor } from "./contract.ts";

// The one place that turns an entry into words; what one transaction did is told by story-sentence.ts from the same words. Plain
// text: whoever shows it escapes it.

export type Told = Pick<AuditEntry, "action" | "schema" | "table" | "record" | "actor" | "changed" | "rows">;

/** "Ada Nowak changed email and name of 42 in users". */
export function entrySentence(entry: Told): string {
  return `${actorWords(entry.actor)} ${predicate(entry)}`;
}

/** Who acted, and where they did not act themselves in whose name or by which key: "Sam Lee as Ada Nowak". */
export function actorWords(actor: EntryActor): string {
  const { impersonator, apiKey } = actor;
  const real = impersonator ? `${impersonatorWords(impersonator)} as ` : "";
  return `${real}${ownWords(actor)}${apiKey ? ` by the key ${apiKey}` : ""}`;
}

/** Of all who acted in something, how `of` had a part in it other than as themselves: in whose name, or who it was in theirs. */
export function partWords(actors: readonly EntryActor[], of: string): string | null {
  const names = actors.filter(({ id, impersonator }) => impersonator?.id === of && id !== of).map(ownWords);
  const others = actors.flatMap(({ id, impersonator }) =>
    id === of && impersonator && impersonator.id !== of ? [impersonatorWords(impersonator)] : [],
  );
  const parts = [
    ...(names.length === 0 ? [] : [`in the name of ${joinWords(names)}`]),
    ...(others.length === 0 ? [] : [`by ${joinWords(others)} in this name`]),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}

function impersonatorWords({ id, name }: NonNullable<EntryActor["impersonator"]>): string {
  return name ?? `Actor ${shorten(id)}`;
}

/** A name where there is one, else what is honestly known. */
export function ownWords(actor: EntryActor): string {
  if (actor.name !== null) return actor.name;
  if (actor.id !== null) return actor.kind === "system" ? actor.id : `Actor ${shorten(actor.id)}`;
  const traces = [actor.role === null ? "" : `role ${actor.role}`, actor.application ?? ""].filter(Boolean);
  return traces.length === 0 ? "An unknown actor" : `An unknown actor (${traces.join(", ")})`;
}

function predicate(entry: Told): string {
  const table = tableWords(entry);
  const record = entry.record === null ? `a row of ${table}` : `${table} ${recordWords(entry.record)}`;
  switch (entry.action) {
    case "create":
    case "delete":
      return `${verb(entry.action)} ${record}`;
    case "update":
      return `changed ${entry.changed.length === 0 ? "nothing" : joinWords(entry.changed, 3)} of ${record}`;
    case "truncate":
      return `emptied ${table}${entry.rows === null ? "" : `, ${rowCount(entry.rows)}`}`;
    default:
      return `${verb(entry.action)}${aboutWords(entry, record)}`;
  }
}

/** What an event is about; an actor's own session needs no mention. */
function aboutWords(entry: Told, record: string): string {
  if (entry.table === null || (entry.record !== null && entry.record === entry.actor.id)) return "";
  return `: ${entry.record === null ? tableWords(entry) : record}`;
}

const verbs: Record<string, string> = {
  create: "created",
  update: "changed",
  delete: "deleted",
  truncate: "emptied",
  login: "signed in",
  logout: "signed out",
  sign_in: "signed in",
  sign_in_refused: "was refused at sign-in",
  sign_out: "signed out",
  reauthenticate: "gave the password again",
  change_password: "changed the password",
  download: "downloaded",
  export: "exported",
  "export-requested": "asked for an export",
  "export-completed": "finished an export",
  "seal-epoch": "let sealing go on after a restore",
  "export-downloaded": "downloaded an export",
  "export-link-issued": "issued a link to an export",
  "export-link-revoked": "revoked a link to an export",
  "stream-tested": "sent a test event to a stream's receiver",
  search_audit: "searched the audit log",
  search_archive: "searched archived months",
  read_audit: "read the audit log",
  archive: "archived a month",
  erase: "erased values",
  expire: "removed expired entries",
  refused: "was refused",
};

export function verb(action: string): string {
  return verbs[action] ?? `did "${action.replaceAll(/[-_.]+/g, " ")}"`;
}

function tableWords(entry: Pick<Told, "schema" | "table">): string {
  if (entry.table === null) return "the database";
  return entry.schema === null || entry.schema === "public" ? entry.table : `${entry.schema}.${entry.table}`;
}

/** A composite key is a JSON array; its parts read as a list. */
export function recordWords(record: string): string {
  if (!record.startsWith("[")) return shorten(record);
  return `(${record.slice(1, -1).replaceAll('"', "")})`;
}

function rowCount(rows: string): string {
  return rows === "1" ? "1 row" : `${rows} rows`;
}

function joinWords(words: readonly string[], atMost = 6): string {
  const shown = words.slice(0, atMost);
  if (words.length > atMost) shown.push(`${words.length - atMost} more`);
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

/** Long ids keep their ends; the whole one stands beside the sentence. */
function shorten(id: string): string {
  return id.length <= 20 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}
