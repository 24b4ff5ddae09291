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
  /** Picks the statement, out of all that pass from now on. */
  picks(statement: string): boolean;
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

interface Armed {
  blow: Blow;
  statement: string | null;
  done(struck: string | null): void;
}

/** A line to PostgreSQL on loopback that knows which statement passes, and strikes at a chosen one. */
export async function openTap(serverPort: number): Promise<Tap> {
  const sockets = new Set<Socket>();
  let recorded: Passed[] = [];
  let armed: Armed | null = null;

  function picked(statement: string): Armed | null {
    recorded.push({ statement, at: performance.now() });
    if (!armed || armed.statement !== null || !armed.blow.picks(statement)) return null;
    armed.statement = statement;
    return armed;
  }

  async function strike(one: Armed): Promise<void> {
    if (armed !== one) return;
    armed = null;
    await one.blow.strike();
    one.done(one.statement);
  }

  const server = createServer((client) => {
    const upstream = connect(serverPort, "127.0.0.1");
    const both = [client, upstream];
    const statements = new Statements();
    let awaited: Armed | null = null;
    const close = () => {
      for (const socket of both) sockets.delete(socket.destroy());
    };
    const silence = (one: Armed) => {
      for (const socket of both) socket.removeAllListeners("data").removeAllListeners("close");
      void strike(one).then(close);
    };
    for (const socket of both) sockets.add(socket.setNoDelay(true).on("error", close).on("close", close));
    client.on("data", (chunk) => {
      for (const statement of statements.push(chunk)) {
        const one = picked(statement);
        if (one?.blow.side === "before") return silence(one);
        if (one?.blow.side === "during") {
          upstream.write(chunk);
          return silence(one);
        }
        awaited ??= one;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      const one = awaited && isReady(chunk) ? awaited : null;
      if (one) awaited = null;
      if (one && one === armed && one.blow.side === "after") return silence(one);
      client.write(chunk);
      if (one) void pause(one.blow.laterMs).then(() => strike(one));
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
        armed = { blow, statement: null, done };
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
