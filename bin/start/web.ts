import { Refusal } from "#db/errors.ts";
import { freePortFrom } from "#db/local/port.ts";

const preferred = 3000;
const answerMsMax = 120_000;

/** The port asked for must be free at this address; otherwise the first free one from 3000 on. */
export async function choosePort(asked: number | undefined, host: string): Promise<number> {
  const port = await freePortFrom(asked ?? preferred, host);
  if (asked !== undefined && port !== asked) {
    throw new Refusal("conflict", `Port ${asked} is taken by another program.`, {
      fix: `Stop that program, or start with --port ${port}, which is free.`,
    });
  }
  if (port !== (asked ?? preferred))
    console.log(`Port ${preferred} is taken by another program, so the console uses ${port}.`);
  return port;
}

/** Waits until the web process answers at `host`, at most `msMax` and while `isAlive`. */
export async function untilAnswering(
  port: number,
  { host = "127.0.0.1", msMax = answerMsMax, isAlive = (): boolean => true } = {},
): Promise<void> {
  // A wildcard is no address to ask.
  const asked = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  for (const deadline = Date.now() + msMax; Date.now() < deadline && isAlive(); ) {
    const response = await fetch(`${originOf(asked, port)}/api/health`).catch(() => null);
    if (response) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Refusal("timeout", `The web process does not answer on port ${port}.`, {
    fix: "Its output is above; correct that and start again.",
  });
}

/** Where a server that listens at this address is reached. */
export function originOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What is wrong with the addresses that sign-ins are limited by and the log keeps; null where nothing is. */
export function addressWarning(url: string, proxyHops: number): string | null {
  if (!url.startsWith("https:") || proxyHops > 0) return null;
  return "CARETAKER_URL is https, so a proxy stands before the console, and CARETAKER_PROXY_HOPS is 0: every address in the log, and each that sign-ins are limited by, is the proxy's. Set it to the number of your proxies.";
}

export function announce(url: string): void {
  console.log(`\nCaretaker is running at ${url} (Ctrl-C stops it).`);
}
