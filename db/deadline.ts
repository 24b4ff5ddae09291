import type pg from "pg";

/** The server ends a statement at its own timeout; when even that answer does not come, the client gives up this much later. */
const graceMs = 2_000;

/** The longest that a timer knows, 24 days: none at all would be the pool's own. */
const unlimitedMs = 2 ** 31 - 1;

export interface Lent {
  client: pg.PoolClient;
  /** From now on the lent client runs nothing. */
  takeBack(): void;
}

/**
 * Lends a client for one piece of work. Every statement that has a timeout has a deadline on this side too, so that a network that swallows
 * packets cannot hold the work for ever; and a statement that comes after the work has ended is refused, because the
 * client may by then be in somebody else's transaction.
 */
export function lend(client: pg.PoolClient, statementMs: number): Lent {
  let over = false;
  const query = (config: unknown, ...rest: unknown[]): unknown => {
    if (over) throw new Error("This statement came after its transaction had ended. It was not run.");
    return Reflect.apply(client.query, client, [within(config, statementMs), ...rest]);
  };
  const lent = new Proxy(client, {
    get(target, key) {
      if (key === "query") return query;
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    client: lent,
    takeBack() {
      over = true;
    },
  };
}

/** The driver's form of a statement with a deadline in milliseconds. Streams keep their identity. */
function within(config: unknown, statementMs: number): unknown {
  const deadline = { query_timeout: statementMs === 0 ? unlimitedMs : statementMs + graceMs };
  if (typeof config === "string") return { text: config, ...deadline };
  if (typeof config !== "object" || config === null) return config;
  return "submit" in config ? Object.assign(config, deadline) : { ...config, ...deadline };
}

/** What a pool's statements outside transactions may take on this side. */
export function clientTimeout(statementMs: number | false | undefined): number | undefined {
  return statementMs ? statementMs + graceMs : undefined;
}
