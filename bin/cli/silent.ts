/** Names the databases that gave no answer: the list above is not complete then. */
export function silentLine(silent: readonly { name: string; reason: string }[]): string {
  if (silent.length === 0) return "";
  return `\n\nNot complete: ${silent.map(({ name, reason }) => `${name} did not answer (${reason})`).join("; ")}`;
}
