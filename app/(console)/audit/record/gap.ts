const dayMs = 86_400_000;

/** "41 days without a change" where two neighbours of a timeline lie more than a week apart. */
export function gapWords(newer: string | undefined, older: string): string | null {
  if (newer === undefined) return null;
  const days = Math.floor((Date.parse(newer) - Date.parse(older)) / dayMs);
  return days > 7 ? `${days} days without a change` : null;
}
