import type pg from "pg";
import { LeaseLost } from "../../jobs/lease.ts";
import { holdMove, readGate } from "../../managed/moving/gate.ts";
import { relation, type Statement } from "../../managed/statement.ts";
import { briefly } from "../briefly.ts";
import { guardReads, hangTriggers } from "../capture/install.ts";
import { drain } from "../copy/drain.ts";
import { removeOvertaken } from "../copy/overtaken.ts";
import { bringAllParents } from "../copy/parents.ts";
import { analyseStatement } from "../copy/rows.ts";
import { setIdsAside } from "../cutover/sequences.ts";
import type { Move } from "../move.ts";
import type { Hands } from "./hands.ts";
import { inLanes } from "./lanes.ts";
import { rowSecurityOf } from "./prepare.ts";
import { bringReferences } from "./references.ts";

/** What notes that statements ran, beside the ordinals of tables; keys have one for each table, downwards. */
const receipts = { foreignKeys: -1, after: -2, rowSecurity: -3, idsAside: -4, keys: -10 };

/**
 * Makes what the new place's tables need besides rows. Foreign keys come when the rows fit together, which is after the first
 * drain: copied table by table they do not.
 */
export async function indexTables(move: Move, hands: Hands): Promise<void> {
  const { pair } = hands;
  const { to } = pair;
  await hands.pace.begin();
  // Unique and exclusion constraints hold only over rows of one moment.
  await removeOvertaken(pair);
  await makeKeys(move, hands);
  hands.say("Catching up with what was written meanwhile");
  await bringReferences(pair, move);
  await drain(pair);
  for (const table of pair.tables) await bringAllParents(pair, table);
  await once(hands, to.client, receipts.foreignKeys, move.plan.foreignKeys);
  await proveKeys(move, hands);
  await once(hands, to.client, receipts.after, move.plan.after);
  const own = to.standing.shared ? null : await rowSecurityOf(move, to);
  if (own) {
    await to.client.query(
      `UPDATE caretaker.gates SET before = $4
        WHERE tenant_key = $1 AND schema_name = $2 AND move_id = $3 AND NOT EXISTS
              (SELECT FROM caretaker.move_progress WHERE move_id = $3 AND ordinal = $5)`,
      [to.standing.tenantKey, to.standing.schema, move.id, JSON.stringify(own), receipts.rowSecurity],
    );
    await once(hands, to.client, receipts.rowSecurity, []);
  }
  await once(hands, to.client, receipts.idsAside, [], () => setIdsAside(pair, move.plan.references));
  await hangTriggers(to, move.plan.tables, hands.signal);
  await guardReads(to, move.plan.tables, (await readGate(to.client, to.standing))?.before ?? {}, hands.signal);
  if (to.standing.shared) return;
  const names = move.plan.tables.map(({ name }) => relation(to.standing.schema, name));
  await inLanes(move, hands, names, async (client, name) => {
    await client.query(analyseStatement(name).sql);
  });
}

async function makeKeys(move: Move, hands: Hands): Promise<void> {
  const lists = byTable(move.plan.keys).map((statements, at) => ({ statements, receipt: receipts.keys - at }));
  const order = lists.toSorted((a, b) => rowsOf(move, b.statements) - rowsOf(move, a.statements));
  await inLanes(move, hands, order, (client, { statements, receipt }) => once(hands, client, receipt, statements));
}

/** What is proven already is proven again in no time. */
async function proveKeys(move: Move, hands: Hands): Promise<void> {
  const order = byTable(move.plan.proofs).toSorted((a, b) => rowsOf(move, b) - rowsOf(move, a));
  await inLanes(move, hands, order, async (client, statements) => {
    for (const { sql, object } of statements) {
      hands.say(`Making ${object}`);
      await client.query(sql);
    }
  });
}

/** In their order, those of a table together. */
function byTable(statements: readonly Statement[]): Statement[][] {
  return [...Map.groupBy(statements, ({ over }) => over).values()];
}

/** What takes longest begins first, so that nothing long is left when the other connection has done everything. */
function rowsOf({ plan, to }: Move, [first]: Statement[]): number {
  return plan.tables.find(({ name }) => relation(to.schema, name) === first?.over)?.estimatedRows ?? 0;
}

/**
 * A list of statements in one transaction with the note that it ran. Nobody uses the new place's tables yet; those that its foreign
 * keys lead to others do, so that their locks are asked for last and briefly.
 */
async function once(
  { pair, say }: Hands,
  client: pg.Client,
  receipt: number,
  statements: readonly Statement[],
  besides: () => Promise<void> = async () => {},
): Promise<void> {
  const used = statements.flatMap(({ locks }) => locks ?? []);
  const last = [...statements.filter(({ locks }) => !locks), ...statements.filter(({ locks }) => locks)];
  await briefly(client, [...new Set(used)], pair.signal, async () => {
    if (!(await holdMove(client, pair.moveId, pair.epoch))) throw new LeaseLost(pair.moveId);
    const { rowCount } = await client.query(
      `INSERT INTO caretaker.move_progress (move_id, ordinal, rows, bytes, done) VALUES ($1, $2, 0, 0, true) ON CONFLICT DO NOTHING`,
      [pair.moveId, receipt],
    );
    if (rowCount !== 1) return;
    for (const { sql, object } of last) {
      pair.signal.throwIfAborted();
      say(`Making ${object}`);
      await client.query(sql);
    }
    await besides();
    await client.query(`SET LOCAL search_path = pg_catalog`);
  });
}
