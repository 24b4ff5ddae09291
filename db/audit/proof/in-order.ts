import { Refusal } from "../../errors.ts";
import { isInterruption } from "../../jobs/finish.ts";

/** Where entries lie: those with greater ids than one of them, in the order of their ids. */
export interface Place<T> {
  where: string;
  read: (after: string) => Promise<T[]>;
}

/** The entries of one place after another, no entry twice. What can not be read is told in `notReached`, and the rest goes on. */
export async function* readInOrder<T extends { id: string }>(
  places: readonly Place<T>[],
  atOnce: number,
  notReached: { where: string; why: string }[],
): AsyncGenerator<T[]> {
  // A month that was brought back lies in both.
  const seen = new Set<string>();
  for (const { where, read } of places) {
    let after: string | undefined = "0";
    while (after !== undefined) {
      const page: T[] = await orWhyNot(() => read(after ?? "0"), where, notReached);
      yield page.filter(({ id }) => !seen.has(id));
      for (const { id } of page) seen.add(id);
      after = page.length === atOnce ? page.at(-1)?.id : undefined;
    }
  }
}

async function orWhyNot<T>(
  read: () => Promise<T[]>,
  where: string,
  notReached: { where: string; why: string }[],
): Promise<T[]> {
  try {
    return await read();
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    if (isInterruption(error) || !(error instanceof Refusal || late)) throw error;
    notReached.push({ where, why: late ? "It was not read within its time." : error.message });
    return [];
  }
}
