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
  /**
   * Waits until the server is done with every client that went away: what a killed process asked for last is carried out after its
   * death, and until then whoever looks twice may see two different worlds.
   */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Armed {
  blow: Blow;
  statement: string | null;
  done(struck: string | null): void;
}

/** Only a server that hangs takes so long over a killed process's last statement. */
const patienceMs = 60_000;

/** A line to PostgreSQL on loopback that knows which statement passes, and strikes at a chosen one. */
export async function openTap(serverPort: number): Promise<Tap> {
  const sockets = new Set<Socket>();
  const orphans = new Set<Socket>();
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
      client.destroy();
      if (!upstream.closed) orphans.add(upstream);
      upstream.resume().end(); // the server finishes what it was asked, then closes
    };
    const silence = (one: Armed) => {
      for (const socket of both) socket.removeAllListeners("data").off("close", close);
      void strike(one).then(close);
    };
    for (const socket of both) {
      sockets.add(socket.setNoDelay(true).on("error", close).on("close", close));
      socket.on("close", () => forget(socket));
    }
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
  function forget(socket: Socket): void {
    sockets.delete(socket);
    orphans.delete(socket);
  }

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
    async settled() {
      await pause(20); // a client that died this instant is noticed first
      for (const deadline = performance.now() + patienceMs; orphans.size > 0; await pause(5))
        if (performance.now() > deadline)
          throw new Error("The server does not finish what a killed process asked for.");
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
