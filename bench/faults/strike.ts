import pg from "pg";

/** What is asked again and again while a job goes on, as often as there is time for it. */
const polls = [/^SELECT 1 FROM jobs\s+WHERE kind = ANY/, /^WITH due AS \(UPDATE jobs/];

/**
 * Strikes at this process's statements, counted over all of its connections but for polls: "process" kills the process itself, "backend" the
 * server's process that the statement runs on, "connection" cuts the line to it.
 */
export class Strikes {
  private statements = 0;
  private at = 0;
  private how = "none";

  constructor() {
    const query = pg.Client.prototype.query;
    const passes = (client: pg.Client, given: unknown) => this.passes(client, given);
    Reflect.set(pg.Client.prototype, "query", function (this: pg.Client, ...given: unknown[]): unknown {
      passes(this, given[0]);
      return Reflect.apply(query, this, given);
    });
  }

  /** At the `at`-th statement from now on; at 0 it strikes nowhere. */
  arm(at: number, how: string): void {
    Object.assign(this, { statements: 0, at, how });
  }

  /** Gives the number of statements since it was armed. */
  disarm(): number {
    this.at = 0;
    return this.statements;
  }

  private passes(client: pg.Client, given: unknown): void {
    if (typeof given === "string" && polls.some((poll) => poll.test(given))) return;
    this.statements += 1;
    if (this.statements === this.at) strike(client, this.how);
  }
}

function strike(client: pg.Client, how: string): void {
  if (how === "process") process.kill(process.pid, "SIGKILL");
  if (how === "backend") killBackend(client);
  if (how === "connection") cut(client);
}

/** With SIGKILL where this account may, as the kernel would; the server then recovers. Else by cutting the connection. */
function killBackend(client: pg.Client): void {
  const pid: unknown = Reflect.get(client, "processID");
  try {
    if (typeof pid === "number") process.kill(pid, "SIGKILL");
  } catch {
    cut(client); // another account's process
  }
}

function cut(client: pg.Client): void {
  (Reflect.get(Reflect.get(client, "connection") as object, "stream") as { destroy(): void }).destroy();
}
