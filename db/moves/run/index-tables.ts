import { readGate } from "../../managed/moving/gate.ts";
import { relation, type Statement } from "../../managed/statement.ts";
import { guardReads, hangTriggers } from "../capture/install.ts";
import { drain } from "../copy/drain.ts";
import { copyReferences } from "../copy/references.ts";
import { setIdsAside } from "../cutover/sequences.ts";
import type { Move } from "../move.ts";
import type { Hands } from "./hands.ts";
import { rowSecurityOf } from "./prepare.ts";

/**
 * Makes what the new place's tables need besides rows. Foreign keys come when the rows fit together, which is after the first
 * drain: copied table by table they do not.
 */
export async function indexTables(move: Move, hands: Hands): Promise<void> {
  const { pair } = hands;
  const { to } = pair;
  await once(hands, -1, move.plan.keys);
  hands.say("Catching up with what was written meanwhile");
  await copyReferences(pair, move.plan.references);
  await drain(pair);
  await once(hands, -2, move.plan.after);
  const own = to.standing.shared ? null : await rowSecurityOf(move, to);
  if (own) {
    await to.client.query(
      `UPDATE caretaker.gates SET before = $4
        WHERE tenant_key = $1 AND schema_name = $2 AND move_id = $3 AND NOT EXISTS
              (SELECT FROM caretaker.move_progress WHERE move_id = $3 AND ordinal = -3)`,
      [to.standing.tenantKey, to.standing.schema, move.id, JSON.stringify(own)],
    );
    await once(hands, -3, []);
  }
  await once(hands, -4, [], () => setIdsAside(pair));
  await hangTriggers(to, move.plan.tables, hands.signal);
  await guardReads(to, move.plan.tables, (await readGate(to.client, to.standing))?.before ?? {}, hands.signal);
  for (const { name } of move.plan.tables) {
    if (!to.standing.shared) await to.client.query(`ANALYZE ${relation(to.standing.schema, name)}`);
  }
}

/** A list of statements in one transaction with the note that it ran. Nobody uses the tables yet, so that nobody waits. */
async function once(
  { pair, say }: Hands,
  ordinal: number,
  statements: readonly Statement[],
  besides: () => Promise<void> = async () => {},
): Promise<void> {
  const { client } = pair.to;
  await client.query("BEGIN");
  try {
    const { rowCount } = await client.query(
      `INSERT INTO caretaker.move_progress (move_id, ordinal, rows, bytes, done) VALUES ($1, $2, 0, 0, true) ON CONFLICT DO NOTHING`,
      [pair.moveId, ordinal],
    );
    if (rowCount === 1) {
      for (const { sql, object } of statements) {
        pair.signal.throwIfAborted();
        say(`Making ${object}`);
        await client.query(sql);
      }
      await besides();
      await client.query(`SET LOCAL search_path = pg_catalog`);
    }
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}
