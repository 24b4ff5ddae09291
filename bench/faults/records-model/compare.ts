import type { Row } from "./layout.ts";
import type { State, World } from "./world.ts";

class Violation extends Error {}

export function violated(words: string): never {
  throw new Violation(words);
}

export function same(what: string, is: readonly string[], should: readonly string[]): void {
  const more = is.filter((one, at) => !should.includes(one) || is.indexOf(one) !== at);
  const less = should.filter((one) => !is.includes(one));
  if (more.length + less.length > 0)
    violated(`${what} has too much: ${more.join("; ")}, and lacks: ${less.join("; ")}`);
}

/** In which column a row is not as it should be, leaving some out; null when it is. */
export function differenceOf(is: Row, should: Row, but: readonly string[] = []): string | null {
  const column = Object.keys(should).find((name) => !but.includes(name) && is[name] !== should[name]);
  return column === undefined ? null : `has ${column} = ${is[column]} rather than ${should[column]}`;
}

export function equal(a: State, b: State): boolean {
  return canonical(a) === canonical(b);
}

function canonical(state: State): string {
  return JSON.stringify(
    state.map((rows) =>
      [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, row]) => [key, Object.entries(row).toSorted()]),
    ),
  );
}

export function difference({ tables }: World, now: State, before: State): string {
  for (const { at, name } of tables) {
    for (const key of new Set([...(now[at]?.keys() ?? []), ...(before[at]?.keys() ?? [])])) {
      const [is, was] = [now[at]?.get(key), before[at]?.get(key)];
      if (
        JSON.stringify(Object.entries(is ?? {}).toSorted()) !== JSON.stringify(Object.entries(was ?? {}).toSorted())
      ) {
        return `${name} ${key}: ${JSON.stringify(is)} rather than ${JSON.stringify(was)}`;
      }
    }
  }
  return "nothing";
}
