import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { leavingSignal, noteLeaving } from "./leaving.ts";

const headersOf = (headers: NodeJS.Dict<string | string[]>) => new Headers({ ...headers } as Record<string, string>);

test("a screen learns that its reader left before its first byte, and nothing of one who got it whole", async () => {
  const spoofed = { "x-caretaker-reader": "somebody" };
  expect(leavingSignal(new Headers(spoofed))).toBeUndefined();

  noteLeaving();
  const asked: { headers: Headers; signal: AbortSignal | undefined; response: ServerResponse }[] = [];
  const server = createServer((request, response) => {
    const headers = headersOf(request.headers);
    asked.push({ headers, signal: leavingSignal(headers), response });
    if (request.url === "/whole") response.end("all of it");
    else server.emit("slow");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  await (await fetch(`${address}/whole`, { headers: spoofed })).text();
  const leaving = new AbortController();
  const came = once(server, "slow");
  const slow = fetch(`${address}/slow`, { headers: spoofed, signal: leaving.signal });
  await came;
  const [whole, left] = asked;
  expect(left?.signal?.aborted).toBe(false);
  leaving.abort();
  await expect(slow).rejects.toThrow();
  await expect.poll(() => left?.signal?.aborted).toBe(true);
  expect(leavingSignal(left?.headers ?? new Headers())?.aborted).toBe(true);
  expect(whole?.signal?.aborted).toBe(false);
  expect(leavingSignal(new Headers())).toBeUndefined();
  server.close();
});
