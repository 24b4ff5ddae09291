import { canonical } from "../../canonical.ts";
import type { ProblemKind } from "./contract.ts";
import type { PlanParts } from "./digest.ts";

/** What changed between two plans of one input, in sentences; none when nothing did. */
export function describeChanges(before: PlanParts, after: PlanParts, kinds: readonly ProblemKind[]): string[] {
  const problems = changedKeys(before.problems, after.problems).map((key) => {
    const [was, is] = [before.problems[key], after.problems[key]];
    const kind = kinds.find((one) => one.key === key);
    if (!is) return `Gone is a problem that ${counted(was?.rows ?? 0, "row")} had: ${plain(key)}.`;
    const words = kind?.examples[0]?.message ?? `${plain(key)}.`;
    if (!was) return `New for ${counted(is.rows, "row")}: ${words}`;
    return was.rows === is.rows
      ? `Other than before: ${words}`
      : `Now for ${counted(is.rows, "row")} rather than ${was.rows}: ${words}`;
  });
  const tables = changedKeys(before.tables, after.tables)
    .filter((name) => before.tables[name] !== undefined && after.tables[name] !== undefined)
    .map((name) => `The table ${name} was altered.`);
  const rows = changedKeys(before.rows, after.rows).flatMap((name) => {
    const [was, is] = [before.rows[name]?.rows ?? 0, after.rows[name]?.rows ?? 0];
    if (was !== is)
      return [
        `Of ${name} there ${was === 1 ? "was" : "were"} ${counted(was, "row")}, and now there ${is === 1 ? "is" : "are"} ${is}.`,
      ];
    return problems.length + tables.length > 0 ? [] : [`Rows of ${name} are not as they were.`];
  });
  const moved =
    canonical(before.into) === canonical(after.into) ? [] : ["Its tenant has moved: it is written to another place."];
  return [...moved, ...tables, ...rows, ...problems];
}

function changedKeys<T>(before: Record<string, T>, after: Record<string, T>): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => canonical(before[key]) !== canonical(after[key])).toSorted();
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** unique_clash:public.users:users_email_key, for people. */
function plain(key: string): string {
  const [code = "", ...rest] = key.split(":");
  return `${code.replaceAll("_", " ")}, ${rest.join(", ")}`;
}
