import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface Network {
  port: number;
  /** Swallows packets in both directions, or only the server's answers. Nothing is closed, as in a real partition. */
  cut(what: "both" | "answers"): void;
  /** Lets the next request that contains `text` reach the server, and cuts off its answer. */
  cutAnswerTo(text: string): void;
  /** Lets everything through again, also what was held back. */
  heal(): void;
  /** Resets every connection. */
  reset(): void;
  /** Swallows for ever what the connections of now send, as a firewall that forgot them; new ones work. The server is told nothing. */
  lose(): void;
  close(): Promise<void>;
}

/** A network of our own between a driver and a server on loopback: one that can be cut and healed. */
export async function network(serverPort: number): Promise<Network> {
  const sockets = new Set<Socket>();
  const toClient = new Set<Socket>();
  const toServer = new Set<Socket>();
  const lost = new Set<Socket>();
  const held = { requests: false, answers: false };
  let awaited: string | null = null;

  function cut(what: "both" | "answers"): void {
    held.answers = true;
    held.requests = what === "both";
    for (const socket of toClient) socket.pause();
    if (held.requests) for (const socket of toServer) socket.pause();
  }

  const server = createServer({ allowHalfOpen: false }, (client) => {
    const upstream = connect(serverPort, "127.0.0.1");
    for (const [from, to, flow] of [
      [client, upstream, toServer],
      [upstream, client, toClient],
    ] as const) {
      sockets.add(from);
      flow.add(from);
      from.setNoDelay(true);
      from.on("data", (chunk) => {
        if (from === client && awaited !== null && chunk.includes(awaited)) {
          awaited = null;
          cut("answers");
        }
        to.write(chunk);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        flow.delete(from);
        if (!lost.delete(from)) to.destroy();
      });
    }
    if (held.requests) client.pause();
    if (held.answers) upstream.pause();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");

  return {
    port: address.port,
    cut,
    cutAnswerTo(text) {
      awaited = text;
    },
    heal() {
      held.answers = held.requests = false;
      for (const socket of sockets) if (!lost.has(socket)) socket.resume();
    },
    lose() {
      for (const socket of sockets) {
        lost.add(socket);
        socket.pause();
      }
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
