import { asSql, type SqlTarget } from "./copy-sql.ts";
import type { FieldChange } from "./fields.ts";
import { valueText } from "./value.tsx";

export interface CopyFormat {
  name: string;
  text: string;
}

// All are sent with the screen. JSON alone is always among them, and holds everything.
const charactersMax = 200_000;

/**
 * What a difference is copied as, told where its values are exact: a browser is sent these texts and no values. Of `all` fields, also
 * those that did not change, the key is needed.
 */
export function copyFormats(
  changes: readonly FieldChange[],
  all: readonly FieldChange[],
  subject: string,
  target: SqlTarget | undefined,
): CopyFormat[] {
  const sql = target === undefined ? null : asSql(changes, all, target);
  const more = [
    ...(sql === null ? [] : [{ name: "SQL", text: sql }]),
    { name: "Markdown", text: asMarkdown(changes, subject) },
    { name: "text", text: asText(changes) },
  ];
  return [{ name: "JSON", text: asJson(changes) }, ...more.filter(({ text }) => text.length <= charactersMax)];
}

/** {"field": {"before": …, "after": …}}; an absent side is left out. */
function asJson(changes: readonly FieldChange[]): string {
  const fields = changes.map(({ field, before, after }) => [field, { before, after }] as const);
  return JSON.stringify(Object.fromEntries(fields), null, 2);
}

function asMarkdown(changes: readonly FieldChange[], subject: string): string {
  const lines = changes.map(({ field, before, after }) => `| ${field} | ${cell(before)} | ${cell(after)} |`);
  return [`**${subject}**`, "", "| field | before | after |", "|---|---|---|", ...lines].join("\n");
}

function asText(changes: readonly FieldChange[]): string {
  return changes.map(({ field, before, after }) => `${field}: ${word(before)} -> ${word(after)}`).join("\n");
}

function cell(value: unknown): string {
  return word(value).replaceAll("|", "\\|").replaceAll("\n", " ");
}

function word(value: unknown): string {
  if (value === undefined) return "(absent)";
  if (value === null) return "null";
  return value === "" ? '""' : valueText(value);
}
