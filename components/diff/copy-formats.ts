import type { FieldChange } from "./fields.ts";
import { valueText } from "./value.tsx";

/** {"field": {"before": …, "after": …}}; an absent side is left out. */
export function asJson(changes: readonly FieldChange[]): string {
  const fields = changes.map(({ field, before, after }) => [field, { before, after }] as const);
  return JSON.stringify(Object.fromEntries(fields), null, 2);
}

export function asMarkdown(changes: readonly FieldChange[], subject: string): string {
  const lines = changes.map(({ field, before, after }) => `| ${field} | ${cell(before)} | ${cell(after)} |`);
  return [`**${subject}**`, "", "| field | before | after |", "|---|---|---|", ...lines].join("\n");
}

export function asText(changes: readonly FieldChange[]): string {
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
