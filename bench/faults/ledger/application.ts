import pg from "pg";
import type { Shop } from "#db/moves/testing/shop.ts";
import { tenantResolver } from "../../../docs/examples/tenants-node-postgres.ts";
import { random } from "../random.ts";
import { Ledger } from "./ledger.ts";
import { type InTenant, Writer } from "./writer.ts";

export interface Load {
  writers: number;
  /** Tenants that are written to besides, by one writer each. */
  others: readonly string[];
  seed: number;
  /** How long a writer rests between two transactions, on average. */
  restMs: number;
  /** The port on which this application reaches a place, given the one that the console knows. */
  direct?(port: number): number;
}

/** The example application: writers of one tenant, whose every acknowledged write is remembered, and the traffic of others. */
export class Application {
  readonly ledger = new Ledger();
  readonly writers: Writer[];
  /** Write only when they are told to. */
  readonly bulk: Writer[];
  private readonly others: Writer[];
  private readonly pools = new Map<string, pg.Pool>();
  private running: { stop: AbortController; done: Promise<unknown> } | null = null;
  private readonly load: Load;

  constructor(shop: Pick<Shop, "applicationUrl">, tenant: string, load: Load) {
    this.load = load;
    const home = new URL(shop.applicationUrl);
    const shared = {
      host: home.hostname,
      port: Number(home.port),
      database: home.pathname.slice(1),
      schema: "public",
    };
    const poolOf = (place: { host: string; port: number; database: string }): pg.Pool => this.pool(shop, place);
    const inTenant: InTenant = tenantResolver(poolOf(shared), shared, poolOf);
    const chance = random(load.seed);
    const ledgers = new Ledger();
    this.writers = Array.from(
      { length: load.writers },
      (_, n) => new Writer(`w${n}`, tenant, inTenant, this.ledger, chance),
    );
    this.bulk = [50, 51].map((n) => new Writer(`w${n}`, tenant, inTenant, this.ledger, chance));
    this.others = load.others.map((other, n) => new Writer(`w${100 + n}`, other, inTenant, ledgers, chance));
  }

  private pool(
    shop: Pick<Shop, "applicationUrl">,
    { host, port, database }: { host: string; port: number; database: string },
  ): pg.Pool {
    const key = `${host}:${port}/${database}`;
    const made = this.pools.get(key);
    if (made) return made;
    const { username, password } = new URL(shop.applicationUrl);
    const pool = new pg.Pool({
      host,
      port: this.load.direct?.(port) ?? port,
      database,
      user: username,
      password: decodeURIComponent(password),
      max: 12,
    });
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    this.pools.set(key, pool);
    return pool;
  }

  start(): void {
    const stop = new AbortController();
    const { restMs } = this.load;
    this.ledger.begin();
    const all = [
      ...this.writers.map((writer) => writer.write(stop.signal, restMs)),
      ...this.others.map((writer) => writer.write(stop.signal, restMs + 2)),
    ];
    this.running = { stop, done: Promise.all(all) };
  }

  /** A transaction of the tenant that goes on for a while. */
  async hold(ms: number): Promise<void> {
    await this.bulk[0]?.hold(ms);
  }

  /** Waits until whoever writes knows where the tenant lives: what was under way is over, and one more write was acknowledged. */
  async know(): Promise<void> {
    await this.rest();
    const before = this.ledger.acknowledged;
    while (this.ledger.acknowledged === before) await this.hold(0);
    this.start();
  }

  async rest(): Promise<void> {
    this.running?.stop.abort();
    await this.running?.done;
    this.running = null;
  }

  /** How long each of the other tenants' transactions took since this was last asked, in milliseconds. */
  othersTook(): number[] {
    return this.others.flatMap((writer) => writer.tookMs.splice(0));
  }

  /** As `othersTook`, of the tenant that moves. */
  tenantTook(): number[] {
    return this.writers.flatMap((writer) => writer.tookMs.splice(0));
  }

  async end(): Promise<void> {
    await this.rest();
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
  }
}

export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
