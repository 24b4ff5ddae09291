import { Refusal } from "#db/errors.ts";
import { freePortFrom } from "#db/local/port.ts";

const preferred = 3000;
const answerMsMax = 120_000;

/** The port asked for must be free; otherwise the first free one from 3000 on. */
export async function choosePort(asked: number | undefined): Promise<number> {
  const port = await freePortFrom(asked ?? preferred);
  if (asked !== undefined && port !== asked) {
    throw new Refusal("conflict", `Port ${asked} is taken by another program.`, {
      fix: `Stop that program, or start with --port ${port}, which is free.`,
    });
  }
  if (port !== (asked ?? preferred))
    console.log(`Port ${preferred} is taken by another program, so the console uses ${port}.`);
  return port;
}

/** Waits until the web process answers, at most `msMax` and while `isAlive`. */
export async function untilAnswering(port: number, msMax = answerMsMax, isAlive = () => true): Promise<void> {
  for (const deadline = Date.now() + msMax; Date.now() < deadline && isAlive(); ) {
    const response = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => null);
    if (response) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Refusal("timeout", `The web process does not answer on port ${port}.`, {
    fix: "Its output is above; correct that and start again.",
  });
}

export function announce(url: string): void {
  console.log(`\nCaretaker is running at ${url} (Ctrl-C stops it).`);
}
