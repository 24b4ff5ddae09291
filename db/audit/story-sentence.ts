import type { AuditEntry, EntryActor } from "./contract.ts";
import { actorWords, verb } from "./sentence.ts";
import { nounOf } from "./story-noun.ts";

/** How often a transaction or request did one thing to one table. */
export interface StoryCount {
  action: string;
  schema: string | null;
  table: string | null;
  /** Rows: of a TRUNCATE those that it emptied. */
  rows: number;
  /** The tenant's key; null where the rows belong to none. */
  tenant: string | null;
}

/** A sentence in parts, so that one telling serves screens, letters and terminals. */
export interface Part {
  kind: "actor" | "count" | "tenant" | "word";
  text: string;
}

export interface Teller {
  actor: EntryActor;
  /** Names of tenants by their key. */
  tenants: ReadonlyMap<string, string>;
  /** Whether more happened than was counted. */
  more: boolean;
}

const partsMax = 5;

/** "Ada Lovelace deleted 1 order and 3 payments of Acme". */
export function storyParts(counts: readonly StoryCount[], { actor, tenants, more }: Teller): Part[] {
  const parts: Part[] = [{ kind: "actor", text: actorWords(actor) }];
  if (counts.length === 0) return [...parts, word(" did nothing that was recorded")];
  const groups = [...Map.groupBy(counts, ({ action }) => action)];
  for (const [at, [action, of]] of groups.entries()) {
    parts.push(word(at === 0 ? " " : at === groups.length - 1 ? " and " : ", "), ...clause(action, of));
  }
  const owners = [...new Set(counts.flatMap(({ tenant }) => tenant ?? []))];
  const [owner] = owners;
  const whose = word(counts.every(({ action }) => isOwnAct(action)) ? " at " : " of ");
  if (owners.length === 1 && owner !== undefined) {
    parts.push(whose, { kind: "tenant", text: tenants.get(owner) ?? owner });
  } else if (owners.length > 1) {
    parts.push(whose, { kind: "count", text: `${owners.length} tenants` });
  }
  return more ? [...parts, word(", and more")] : parts;
}

/** What one action did: its verb, and the tables it touched, the fullest first. Events of no table are the verb alone. */
function clause(action: string, counts: readonly StoryCount[]): Part[] {
  const byTable = [...Map.groupBy(counts, ({ schema, table }) => JSON.stringify([schema, table])).values()];
  const named = byTable.flatMap((of) => {
    const table = of[0]?.table ?? null;
    const rows = of.reduce((sum, one) => sum + one.rows, 0);
    return table === null ? [] : [{ rows, text: countWords(rows, table) }];
  });
  if (named.length === 0 || isOwnAct(action)) return [word(verb(action))];
  const sorted = named.sort((a, b) => b.rows - a.rows).map(({ text }) => text);
  const shown = sorted.slice(0, partsMax);
  if (sorted.length > partsMax) shown.push(`${sorted.length - partsMax} more tables`);
  const parts: Part[] = [word(`${verb(action)} `)];
  for (const [at, text] of shown.entries()) {
    if (at > 0) parts.push(word(at === shown.length - 1 ? " and " : ", "));
    parts.push({ kind: "count", text });
  }
  return parts;
}

/** Acts about the actor's own session name no rows. */
function isOwnAct(action: string): boolean {
  return /^(sign|log)_?(in|out)/.test(action);
}

function countWords(rows: number, table: string): string {
  return `${rows.toLocaleString("en")} ${nounOf(table, rows)}`;
}

/** The sentence as plain text. */
export function partsText(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join("");
}

/** The sentence as HTML for where there are no components, such as a letter: escaped, with nothing but b in it. */
export function partsHtml(parts: readonly Part[]): string {
  return parts.map(({ kind, text }) => (kind === "word" ? escaped(text) : `<b>${escaped(text)}</b>`)).join("");
}

/** What entries of one transaction come to. */
export function countsOf(
  entries: readonly Pick<AuditEntry, "action" | "schema" | "table" | "tenant" | "affected">[],
): StoryCount[] {
  return summed(
    entries.map(({ action, schema, table, tenant, affected: rows }) => ({ action, schema, table, tenant, rows })),
  );
}

/** One count for each thing that was done to a table and a tenant; what another thing has counted already is none. */
export function summed(counts: readonly StoryCount[]): StoryCount[] {
  const sums = new Map<string, StoryCount>();
  for (const { action, schema, table, tenant, rows } of counts) {
    const key = JSON.stringify([action, schema, table, tenant]);
    const known = sums.get(key) ?? { action, schema, table, tenant, rows: 0 };
    sums.set(key, { ...known, rows: known.rows + rows });
  }
  return [...sums.values()].filter(({ rows, action }) => rows > 0 || action === "truncate");
}

function word(text: string): Part {
  return { kind: "word", text };
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
