import type { Attempt } from "./contract.ts";
import { attempt, judgeWrite, skipped, write } from "./judge.ts";
import { nameOf, quoted } from "./subjects.ts";
import { harmOf, noPrivilege, onlyOne, type Trial } from "./try-table.ts";
import { byKey, literal } from "./witnesses.ts";

/** A row of one's own given to another tenant, by its tenant column or, for a child, by another tenant's parent; and to nobody. */
export async function tryMoving(trial: Trial): Promise<Attempt[]> {
  const { session, subject, pair, mine } = trial;
  const { relation, path, tenantColumn } = subject;
  const [otherRow] = pair.otherRows;
  const columns = path[0] ? path[0].columns : [tenantColumn];
  const updatable = columns.every((column) => relation.columns.some((one) => one.name === column && one.update));
  if (!updatable || !relation.may.update) return [noPrivilege("move", mine)];
  const harm = harmOf(relation, session);
  if (harm) return [skipped("move", mine.label, harm)];
  if (!pair.mineRow || !otherRow) return [skipped("move", mine.label, `tenant ${pair.mine.key} has no row in it`)];
  const set = columns.map((column) => `${quoted(column)} = ${literal(otherRow[column])}`).join(", ");
  const did = () => `moved a row to tenant ${pair.other.key}`;
  const move = `UPDATE ${nameOf(relation)} SET ${set}`;
  const own = byKey(subject, [pair.mineRow]);
  return [
    ...(own ? [await write(session, "move", mine, `${move} WHERE ${own}`, did)] : []),
    // Without reading a column, so that only the policies for UPDATE hold and not those for SELECT.
    await write(session, "move", mine, `${move} WHERE ${onlyOne}`, did),
    ...(own ? await abandon(trial, own) : []),
  ];
}

/** A row given up to nobody is everybody's where policies admit rows without a tenant. */
async function abandon({ session, subject, pair, mine, other }: Trial, own: string): Promise<Attempt[]> {
  const { relation, tenantColumn, path } = subject;
  const nullable = relation.columns.find((one) => one.name === tenantColumn)?.notNull === false;
  if (path.length > 0 || !nullable) return [];
  const name = nameOf(relation);
  const update = `UPDATE ${name} SET ${quoted(tenantColumn)} = NULL WHERE ${own}`;
  const [wrote, looked] = await session.writeThenRead(mine, update, other, `SELECT 1 FROM ${name} WHERE ${own}`);
  if (looked === null)
    return [
      attempt(
        "move",
        mine,
        update,
        judgeWrite(wrote, () => ""),
      ),
    ];
  return looked.count > 0
    ? [
        attempt("move", mine, update, {
          outcome: "leaked",
          detail: `gave its row to nobody, and tenant ${pair.other.key} saw it`,
        }),
      ]
    : [attempt("move", mine, update, { outcome: "held", detail: "what belongs to nobody is seen by nobody" })];
}
