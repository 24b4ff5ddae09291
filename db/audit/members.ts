// Row images as text, in archived months and wherever no digit may be lost: JSON as PostgreSQL prints jsonb.

/** A member's key and value, both as JSON text. */
type Member = [key: string, value: string];

/** `before || changes` without reading a number: the members of both, those of `changes` where both have one. */
export function merged(before: string, changes: string): string {
  const members = new Map([...membersOf(before), ...membersOf(changes)]);
  return objectOf([...members]);
}

/** An object as PostgreSQL prints jsonb. */
export function objectOf(members: readonly Member[]): string {
  return `{${members.map(([key, value]) => `${key}: ${value}`).join(", ")}}`;
}

/** The members of an object as PostgreSQL prints jsonb: `"key": value, "key": value`. */
export function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let [depth, quoted, start] = [0, false, 1];
  for (let at = 1; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "," && depth === 0) || at === text.length - 1) {
      members.push(...memberOf(text.slice(start, at)));
      start = at + 1;
    } else if (char === "}" || char === "]") depth--;
  }
  return members;
}

function memberOf(text: string): Member[] {
  const [whole, key] = /^\s*("(?:[^"\\]|\\.)*"):\s*/s.exec(text) ?? [];
  return whole === undefined || key === undefined ? [] : [[key, text.slice(whole.length)]];
}
