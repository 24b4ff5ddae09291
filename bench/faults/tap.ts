import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Statements } from "./frontend.ts";

/**
 * Where on a statement's way the blow falls: before the server has it, while the server works on it, when the server has
 * answered and the client does not know yet, or some time after the client was told.
 */
export type Side = "before" | "during" | "after" | "later";

export interface Blow {
  /** Picks the statement; the first one since the blow was armed has the number 1. */
  picks(statement: string, number: number): boolean;
  side: Side;
  /** How long after the answer "later" is. */
  laterMs?: number;
  /** Kills. The statement's own connection is silent meanwhile and closed afterwards. */
  strike(): Promise<void>;
}

export interface Passed {
  statement: string;
  at: number;
}

export interface Tap {
  port: number;
  /** Answers the statement that was struck; null when it was disarmed first. */
  arm(blow: Blow): Promise<string | null>;
  disarm(): void;
  /** Every statement that passes from now on. */
  record(): Passed[];
  close(): Promise<void>;
}

/** A line to PostgreSQL on loopback that knows which statement passes, and strikes at a chosen one. */
export async function openTap(serverPort: number): Promise<Tap> {
  const sockets = new Set<Socket>();
  let recorded: Passed[] = [];
  let armed: { blow: Blow; number: number; done(struck: string | null): void } | null = null;

  /** The blow for this statement, if it is the one. */
  function chosen(statement: string): (() => Promise<void>) | null {
    recorded.push({ statement, at: performance.now() });
    if (!armed?.blow.picks(statement, ++armed.number)) return null;
    const { blow, done } = armed;
    armed = null;
    return () => blow.strike().then(() => done(statement));
  }

  const server = createServer((client) => {
    const upstream = connect(serverPort, "127.0.0.1");
    const statements = new Statements();
    let waiting: { side: Side; laterMs: number; strike(): Promise<void> } | null = null;
    const close = () => {
      for (const socket of [client, upstream]) socket.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", close);
      socket.on("close", () => {
        sockets.delete(socket);
        close();
      });
    }
    const hold = (strike: () => Promise<void>) => {
      for (const socket of [client, upstream]) socket.removeAllListeners("data").removeAllListeners("close");
      void strike().then(close);
    };
    client.on("data", (chunk) => {
      for (const statement of statements.push(chunk)) {
        const { side = "before", laterMs = 0 } = armed?.blow ?? {};
        const strike = chosen(statement);
        if (!strike) continue;
        if (side === "after" || side === "later") waiting = { side, laterMs, strike };
        else {
          if (side === "during") upstream.write(chunk);
          return hold(strike);
        }
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      const due = waiting && isReady(chunk) ? waiting : null;
      if (due) waiting = null;
      if (due?.side === "after") {
        return hold(due.strike);
      }
      client.write(chunk);
      if (due) void pause(due.laterMs).then(due.strike);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The tap has no port.");

  return {
    port: address.port,
    arm(blow) {
      return new Promise((done) => {
        armed = { blow, number: 0, done };
      });
    },
    disarm() {
      armed?.done(null);
      armed = null;
    },
    record() {
      recorded = [];
      return recorded;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Whether an answer ends here: PostgreSQL says in five bytes and one that it is ready for the next statement. */
function isReady(chunk: Buffer): boolean {
  return chunk.length >= 6 && chunk.subarray(-6, -1).equals(Buffer.from([0x5a, 0, 0, 0, 5]));
}
