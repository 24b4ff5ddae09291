import { randomUUID } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";

// Carries the end of a request from the HTTP server to the screens, which do not see the response. Next tells a screen nothing of a
// reader who leaves before its first byte.
const header = "x-caretaker-reader";

// Next bundles this file several times, so that a variable of its own would not reach the screens.
const waiting = Symbol.for("caretaker.waiting-readers");

/** Writes the header on every request before anything reads it, over whatever a client put there. */
export function noteLeaving(): void {
  const signals = new Map<string, AbortSignal>();
  Reflect.set(globalThis, waiting, signals);
  subscribe("http.server.request.start", (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const id = randomUUID();
    const leaving = new AbortController();
    request.headers[header] = id;
    signals.set(id, leaving.signal);
    response.once("close", () => {
      signals.delete(id);
      if (!response.writableFinished) leaving.abort();
    });
  });
}

/** Ends when whoever sent the request goes before the answer is whole; nothing where that is not noted. */
export function leavingSignal(headers: Headers): AbortSignal | undefined {
  const signals: unknown = Reflect.get(globalThis, waiting);
  const id = headers.get(header);
  if (!(signals instanceof Map) || id === null) return undefined;
  return signals.get(id) ?? AbortSignal.abort();
}
