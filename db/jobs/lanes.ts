import { setTimeout as pause } from "node:timers/promises";

type Input = Record<string, unknown>;

const atOnceMax = 8;
const ofServerMax = 2;

/** The next round is due after a minute; what takes longer goes on beside it. */
const roundMs = 50_000;

/**
 * Runs inputs beside each other, few at once and fewer of one `serverId`: a server that does not answer, or a database with much to
 * do, holds up no other. What an earlier round has not finished is not begun again by the next.
 */
export class Lanes {
  private waiting: { input: Input; run: (input: Input) => Promise<void> }[] = [];
  private readonly running = new Map<string, Input>();

  /** Answers when all is done, or when the next round is to begin. `run` never throws. */
  async run(inputs: readonly Input[], run: (input: Input) => Promise<void>, ms = roundMs): Promise<void> {
    this.waiting = inputs.filter((input) => !this.running.has(keyOf(input))).map((input) => ({ input, run }));
    const over = new AbortController();
    const all = Promise.all(Array.from({ length: atOnceMax - this.running.size }, () => this.work()));
    await Promise.race([all, pause(ms, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
  }

  private async work(): Promise<void> {
    for (;;) {
      const at = this.waiting.findIndex(({ input }) => this.hasRoom(input));
      const [next] = at === -1 ? [] : this.waiting.splice(at, 1);
      if (!next) return; // Whoever runs the others of a server that has no room goes on with what waits for it.
      const key = keyOf(next.input);
      this.running.set(key, next.input);
      await next.run(next.input);
      this.running.delete(key);
    }
  }

  private hasRoom({ serverId }: Input): boolean {
    return (
      this.running
        .values()
        .filter((one) => one.serverId === serverId)
        .toArray().length < ofServerMax
    );
  }
}

const keyOf = (input: Input) => JSON.stringify(input);
