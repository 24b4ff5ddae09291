import { Refusal } from "#db/errors.ts";
import { problemCodes } from "#db/records/restore/contract.ts";

const one = new RegExp(`^(?:(.+)/)?((?:${problemCodes.join("|")}):.+)$`, "s");

/** `KIND=CHOICE` for all of a kind, `ROW/KIND=CHOICE` for one row; a choice may hold a value: `rename:acme-old`, `write:!`, `point:7`. */
export function choicesOf(pairs: Record<string, string>) {
  const kinds: Record<string, object> = {};
  const rows: Record<string, Record<string, object>> = {};
  for (const [subject, choice] of Object.entries(pairs)) {
    const [, row, kind] = one.exec(subject) ?? [];
    if (kind === undefined) {
      throw new Refusal("invalid", `--choose ${subject} names no kind of problem.`, {
        fix: "Take the kind as the plan prints it: unique_clash:public.users:users_email_key.",
      });
    }
    const [verb = "", ...value] = choice.split(":");
    const made = value.length === 0 ? { do: verb } : { do: verb, to: value.join(":") };
    if (row === undefined) kinds[kind] = made;
    else rows[row] = { ...rows[row], [kind]: made };
  }
  return { kinds, rows };
}
