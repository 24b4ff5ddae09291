import type { z } from "zod";
import { Refusal } from "#db/errors.ts";

/** Parses what came from outside; a refusal names each field by its path. */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input, {
    error: (issue) => (issue.code === "invalid_type" && issue.input === undefined ? "This is needed." : undefined),
  });
  if (result.success) return result.data;
  const fieldErrors: Record<string, string> = {};
  for (const issue of result.error.issues) fieldErrors[issue.path.join(".")] ??= issue.message;
  throw new Refusal("invalid", sentence(fieldErrors), { fieldErrors });
}

function sentence(fieldErrors: Record<string, string>): string {
  const [first, ...others] = Object.entries(fieldErrors);
  if (!first || others.length > 0 || first[0] === "") return "Some of what was given can not be used.";
  return `${first[0]}: ${first[1]}`;
}

/** A page's address as `schema` wants it, or in sentences what is wrong with one that was cut off or made by hand. */
export function parseAddress<Schema extends z.ZodType>(
  schema: Schema,
  params: unknown,
): { ok: true; data: z.output<Schema> } | { ok: false; why: string } {
  const result = schema.safeParse(params, { error: ({ input, path = [] }) => addressFault(path.join("."), input) });
  if (result.success) return { ok: true, data: result.data };
  return { ok: false, why: [...new Set(result.error.issues.map(whyOf))].join(" ") };
}

/** A rule's own words are a sentence, or go on from the field's name. */
function whyOf({ path, message }: z.core.$ZodIssue): string {
  return /^[a-z]/.test(message) ? `${path.join(".")} ${message}.` : message;
}

function addressFault(name: string, value: unknown): string {
  if (name === "") return "The address does not say what is wanted.";
  return value === undefined
    ? `The address does not say ${name}.`
    : `What the address says as ${name} can not be used.`;
}

/** A form's or an address's values as an object; a name that comes several times becomes a list. */
export function entriesOf(values: FormData | URLSearchParams): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const name of new Set(values.keys())) {
    // React adds fields of its own to a form that is sent without scripts.
    if (name.startsWith("$ACTION")) continue;
    const all = values.getAll(name);
    input[name] = all.length > 1 ? all : all[0];
  }
  return input;
}
