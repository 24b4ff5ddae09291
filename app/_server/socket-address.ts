import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

// Carries the socket's address from the HTTP server to the handlers, which do not see the socket.
const header = "x-caretaker-socket-address";

// Next bundles this file several times, so that a variable of its own would not reach the handlers.
const noting = Symbol.for("caretaker.socket-addresses");

/**
 * Writes the header on every request before anything reads it, over whatever a client put there. Next passes on a
 * client's own X-Forwarded-For, so that header says nothing by itself.
 */
export function noteSocketAddresses(): void {
  Reflect.set(globalThis, noting, true);
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[header] = request.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? "";
  });
}

/** The address of the socket that a request came by; null where nothing notes it, whatever a client wrote. */
export function socketAddress(headers: Headers): string | null {
  return Reflect.has(globalThis, noting) ? headers.get(header) || null : null;
}
