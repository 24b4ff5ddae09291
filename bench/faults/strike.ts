import pg from "pg";

/**
 * Strikes at this process's `at`-th statement, counted over all of its connections: "process" kills the process itself, "backend"
 * the server's process that the statement runs on, "connection" cuts the line to it. At 0 it strikes nowhere. Gives the number of
 * statements so far.
 */
export function strikeAt(at: number, how: string): () => number {
  let statements = 0;
  const query = pg.Client.prototype.query;
  Reflect.set(pg.Client.prototype, "query", function (this: pg.Client, ...given: unknown[]): unknown {
    statements += 1;
    if (statements === at) strike(this, how);
    return Reflect.apply(query, this, given);
  });
  return () => statements;
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
