import pg from "pg";

/** How often a connection is looked at. One is given up when two looks in a row find that its statement does not run any more. */
const lookMs = 5_000;

/**
 * Ends a connection whose statement does not run at the server although no answer came: the network has swallowed one or the
 * other, and would keep the worker, and what its session has locked, waiting for half an hour. Stops when the connection ends.
 */
export function watchAnswers(client: pg.Client, config: pg.ClientConfig, everyMs = lookMs): void {
  let before: unknown = null;
  let silent = 0;
  let looking = false;
  const look = async () => {
    const query = runningQuery(client);
    if (query !== before || !query) silent = 0;
    else if (!looking) {
      looking = true;
      silent = (await runsThere(client, config).finally(() => (looking = false))) ? 0 : silent + 1;
      if (silent >= 2 && runningQuery(client) === query) end(client);
    }
    before = query;
  };
  // A server that cannot be asked either is asked again.
  const timer = setInterval(() => void look().catch(() => {}), everyMs);
  timer.unref();
  client.once("end", () => clearInterval(timer));
}

function runningQuery(client: pg.Client): unknown {
  return Reflect.get(client, "_activeQuery");
}

async function runsThere(client: pg.Client, config: pg.ClientConfig): Promise<boolean> {
  const other = new pg.Client({ ...config, application_name: "caretaker", query_timeout: 5_000 });
  other.on("error", () => {}); // shows at the question
  await other.connect();
  try {
    const { rowCount } = await other.query("SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [
      Reflect.get(client, "processID"),
    ]);
    return rowCount === 1;
  } finally {
    await other.end();
  }
}

function end(client: pg.Client): void {
  const lost = Object.assign(
    new Error("The server has no statement of this connection any more, and no answer came."),
    {
      code: "ETIMEDOUT",
    },
  );
  const connection: unknown = Reflect.get(client, "connection");
  if (typeof connection !== "object" || connection === null) return;
  (Reflect.get(connection, "stream") as { destroy(error: Error): void }).destroy(lost);
}
