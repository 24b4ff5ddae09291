import type { Silent } from "#db/audit/contract.ts";

/** Names the databases that gave no answer: the list above is not complete then, or lacks what they alone could say. */
export function silentLine(silent: readonly Silent[]): string {
  if (silent.length === 0) return "";
  const words = silent.map(
    ({ name, reason, kept }) =>
      `${name} did not answer${kept === undefined ? "" : `, so it lacks ${kept}`} (${reason})`,
  );
  return `\n\nNot complete: ${words.join("; ")}`;
}
