import pg, { DatabaseError } from "pg";
import { isInterruption } from "#db/jobs/finish.ts";
import type { Ledger } from "./ledger.ts";

export type InTenant = <T>(tenant: string, work: (client: pg.PoolClient) => Promise<T>, begin?: string) => Promise<T>;

type Changes = Map<string, string | null>;
type Later = (() => void)[];

/** What a transaction does: rows as they will be, and what its writer will know, once its COMMIT is answered. */
interface Effects {
  changes: Changes;
  later: Later;
  touched: Row | null;
}

interface Row {
  id: string;
  label: string;
}

const isolations = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];
const bulkRows = 10_000;
/** How long a tenant may be without a place that takes its writes. */
const unwritableMsMax = 30_000;

/**
 * One writer of the example application: inserts, changes, re-keys and deletes rows of its own, with their children, long values
 * and savepoints, at all three isolation levels. What is acknowledged goes into the ledger.
 */
export class Writer {
  private readonly rows: Row[] = [];
  private serial = 0;
  /** How long each transaction took, with the repetition that a move cost it. */
  readonly tookMs: number[] = [];
  readonly unexpected: string[] = [];
  /** Transactions whose connection was lost. */
  interrupted = 0;
  refused = 0;
  private readonly name: string;
  private readonly tenant: string;
  private readonly inTenant: InTenant;
  private readonly ledger: Ledger;
  private readonly chance: () => number;

  constructor(name: string, tenant: string, inTenant: InTenant, ledger: Ledger, chance: () => number) {
    this.name = name;
    this.tenant = tenant;
    this.inTenant = inTenant;
    this.ledger = ledger;
    this.chance = chance;
  }

  async write(signal: AbortSignal, restMs: number): Promise<void> {
    while (!signal.aborted) {
      await this.transaction((client, effects) => this.one(client, effects));
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs * this.chance() * 2));
    }
  }

  /** One transaction over 10,000 rows, with a change to all of them that a savepoint takes back. A serializable one would run out of predicate locks. */
  async bulk(): Promise<void> {
    await this.transaction(
      async (client, { changes }) => {
        const label = `${this.name}:bulk${this.serial++}`;
        await client.query(
          "INSERT INTO orders (tenant_id, note) SELECT $1, $2 || '.' || n FROM generate_series(1, $3::int) n",
          [this.tenant, label, bulkRows],
        );
        await client.query("SAVEPOINT half");
        await client.query("UPDATE orders SET note = note || ' never' WHERE note LIKE $1", [`${label}.%`]);
        await client.query("ROLLBACK TO SAVEPOINT half");
        for (let n = 1; n <= bulkRows; n += 1) changes.set(`${label}.${n}`, "  0");
      },
      isolations.slice(0, 2),
    );
  }

  /** A transaction that has written and goes on for a while. A serializable one would seldom get through beside others. */
  async hold(ms: number): Promise<void> {
    await this.transaction(
      async (client, { changes, later }) => {
        await this.insert(client, changes, later);
        await client.query("SELECT pg_sleep($1)", [ms / 1_000]);
      },
      isolations.slice(0, 2),
    );
  }

  private async one(client: pg.PoolClient, effects: Effects): Promise<void> {
    const { changes, later } = effects;
    const row = this.rows[Math.floor(this.chance() * this.rows.length)];
    const dice = this.chance();
    if (!row || dice < 0.3) return this.insert(client, changes, later);
    effects.touched = row;
    if (dice < 0.6) return this.update(client, changes, row);
    if (dice < 0.7) return this.rekey(client, later, row);
    if (dice < 0.8) return this.savepoint(client, changes, row);
    return this.remove(client, changes, later, row);
  }

  private async insert(client: pg.PoolClient, changes: Changes, later: Later): Promise<void> {
    const label = `${this.name}:${this.serial++}`;
    const { rows } = await client.query<{ id: string }>(
      "INSERT INTO orders (tenant_id, note) VALUES ($1, $2) RETURNING id",
      [this.tenant, label],
    );
    const id = rows[0]?.id ?? "";
    await client.query("INSERT INTO lines SELECT $1, n, $2 FROM generate_series(1, 2) n", [id, label]);
    changes.set(label, "  2");
    later.push(() => this.rows.push({ id, label }));
  }

  /** Long values are stored out of line: a copy that went by what changed would miss them. */
  private async update(client: pg.PoolClient, changes: Changes, { id, label }: Row): Promise<void> {
    const version = String(this.serial++);
    const doc = JSON.stringify({ version, text: this.chance() < 0.3 ? noise(this.chance, 12_000) : "" });
    await client.query("UPDATE orders SET doc = $2, total = total + 1 WHERE id = $1", [id, doc]);
    changes.set(label, `${version} ${doc.length} 2`);
    if (this.chance() < 0.3) await client.query("UPDATE orders SET total = total WHERE id = $1", [id]);
  }

  private async rekey(client: pg.PoolClient, later: Later, row: Row): Promise<void> {
    const { rows } = await client.query<{ id: string }>(
      "UPDATE orders SET id = nextval(pg_get_serial_sequence('orders', 'id')) WHERE id = $1 RETURNING id",
      [row.id],
    );
    const id = rows[0]?.id ?? row.id;
    later.push(() => {
      row.id = id;
    });
  }

  private async savepoint(client: pg.PoolClient, changes: Changes, { id, label }: Row): Promise<void> {
    await client.query("SAVEPOINT s");
    await client.query("UPDATE orders SET note = 'never' WHERE id = $1", [id]);
    await client.query("DELETE FROM lines WHERE order_id = $1", [id]);
    await client.query("ROLLBACK TO SAVEPOINT s");
    const version = String(this.serial++);
    const doc = JSON.stringify({ version, text: "" });
    await client.query("UPDATE orders SET doc = $2 WHERE id = $1", [id, doc]);
    changes.set(label, `${version} ${doc.length} 2`);
  }

  private async remove(client: pg.PoolClient, changes: Changes, later: Later, row: Row): Promise<void> {
    await client.query("DELETE FROM orders WHERE id = $1", [row.id]);
    changes.set(row.label, null);
    later.push(() => this.rows.splice(this.rows.indexOf(row), 1));
  }

  private async transaction(
    work: (client: pg.PoolClient, effects: Effects) => Promise<void>,
    among = isolations,
  ): Promise<void> {
    const isolation = among[Math.floor(this.chance() * among.length)];
    const begun = performance.now();
    for (;;) {
      let effects: Effects = { changes: new Map(), later: [], touched: null };
      try {
        await this.inTenant(
          this.tenant,
          async (client) => {
            effects = { changes: new Map(), later: [], touched: null };
            await work(client, effects);
          },
          `BEGIN ISOLATION LEVEL ${isolation}`,
        );
        this.ledger.acknowledge(effects.changes);
        for (const effect of effects.later) effect();
        this.tookMs.push(performance.now() - begun);
        return;
      } catch (error) {
        const code = error instanceof DatabaseError ? error.code : undefined;
        if (code === "55P04") {
          this.refused += 1;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const again = ["40001", "40P01", "55P04"].includes(code ?? "");
        if (again && performance.now() - begun < unwritableMsMax) continue;
        if (isInterruption(error)) this.interrupted += 1;
        else this.unexpected.push(error instanceof Error ? error.message : String(error));
        if (code === undefined || isInterruption(error)) this.doubt(effects);
        return;
      }
    }
  }

  /** Whether it committed is not known, so its row is left alone from now on. */
  private doubt({ changes, touched }: Effects): void {
    this.ledger.doubt(changes);
    if (touched) this.rows.splice(this.rows.indexOf(touched), 1);
  }
}

function noise(chance: () => number, length: number): string {
  let text = "";
  while (text.length < length) text += chance().toString(36).slice(2);
  return text.slice(0, length);
}

/** What a place holds for the tenant, in the ledger's words: the version and length of the document and how many children. */
const stateSql = `
  SELECT note AS label,
         coalesce(doc ->> 'version', '') || ' ' || CASE WHEN doc ->> 'version' IS NULL THEN '' ELSE length(doc::text)::text END || ' ' ||
         (SELECT count(*) FROM lines l WHERE l.order_id = o.id) AS state
    FROM orders o
   WHERE o.tenant_id = $1 AND (note ~ '^w[0-9]+:' OR note = 'never' OR note LIKE '% never')`;

/** What a place holds for the tenant, by label. */
export async function statesAt(url: string, schema: string, tenant: string): Promise<Map<string, string>> {
  const client = new pg.Client(url);
  client.on("error", () => {}); // a server that is struck ends it; the question is asked again
  await client.connect();
  try {
    await client.query(`SET search_path = ${pg.escapeIdentifier(schema)}`);
    const { rows } = await client.query<{ label: string; state: string }>(stateSql, [tenant]);
    return new Map(rows.map(({ label, state }) => [label, state]));
  } finally {
    await client.end();
  }
}
