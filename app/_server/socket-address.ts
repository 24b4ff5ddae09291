import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

/** Carries the socket's address from the HTTP server to the handlers, which do not see the socket. */
export const socketAddressHeader = "x-caretaker-socket-address";

/**
 * Writes the header on every request before anything reads it, over whatever a client put there. Next passes on a
 * client's own X-Forwarded-For, so that header says nothing by itself.
 */
export function noteSocketAddresses(): void {
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[socketAddressHeader] = request.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? "";
  });
}
