import { keysTable, type MovingTable } from "../../../managed/moving/table.ts";
import { relation, type Statement } from "../../../managed/statement.ts";
import { chunkOf } from "../../copy/chunk.ts";
import { rowsOf, takeKeysSql } from "../../copy/drain.ts";
import { type Key, keySet } from "../../copy/keys.ts";
import { emptySql, keepSql, wholeOf } from "../../copy/references.ts";
import { removeRowsSql } from "../../copy/remove.ts";
import { copyInSql, copyOutSql, insertSql, type Receiving, receiving } from "../../copy/rows.ts";
import { holdTables } from "../../pair.ts";
import type { Phase, PlannedEnds } from "../phases.ts";
import type { ReferenceTable } from "../references.ts";
import type { MovePlan } from "../stored.ts";

/** Rows that go over: read at one place and written at the other, or both in one statement within a database. */
interface Carried {
  read: Statement[];
  write: Statement[];
}

/** The copy, a table's chunks in one form each. */
export function copyPhases({ tables }: MovePlan, ends: PlannedEnds): Phase[] {
  const carried = tables.map((table) => {
    const { standing } = ends.from;
    const source = chunkOf(table, standing, someKey(table), someKey(table));
    const why = "The tenant's rows between two keys, chunk after chunk until the end.";
    return carry(ends, receiving(table, ends.to.standing), source, relation(standing.schema, table.name), why);
  });
  return phasesOf("Copy the rows in chunks", carried);
}

/** What is written meanwhile, and shared tables that go along; a table's keys in one form. */
export function drainPhases({ tables, references }: MovePlan, ends: PlannedEnds): Phase[] {
  const carried = [
    { read: [holdTables(ends.from.standing, tables)], write: [] },
    ...references.map((table) => carryWhole(ends, table)),
    ...tables.map((table) => again(ends, table)),
  ];
  return phasesOf("Carry what was written meanwhile, round after round until the cutover", carried);
}

function phasesOf(name: string, carried: readonly Carried[]): Phase[] {
  return [
    { name: `${name}: read`, where: "from", statements: carried.flatMap(({ read }) => read) },
    { name: `${name}: write`, where: "to", statements: carried.flatMap(({ write }) => write) },
  ];
}

function carryWhole(ends: PlannedEnds, table: ReferenceTable): Carried {
  const [target, source] = wholeOf(table);
  const why =
    "Where the two differ, it goes whole while no tenant has lived there yet, and only what is missing since.";
  const { read, write } = carry(ends, target, source, target.name, why);
  return { read, write: [keepSql(table), writing(emptySql(table), target.name, why, false), ...write] };
}

/** The keys that were noted are read again: what the old place has replaces what the new one has. */
function again(ends: PlannedEnds, table: MovingTable): Carried {
  const { from, to } = ends;
  const noted = keysTable(from.standing, table.ordinal);
  const set = keySet(table, [someKey(table)]);
  const source = rowsOf(from.standing, { table, set, strays: [] });
  const target = receiving(table, to.standing);
  const why = "The rows of these keys as they are now.";
  const { read, write } = carry(ends, target, source, relation(from.standing.schema, table.name), why);
  const take: Statement = {
    sql: takeKeysSql(table, from.standing),
    object: noted,
    lock: "none",
    why: "The keys that were written, each once; they are forgotten when their rows have arrived.",
    transactional: true,
  };
  const remove = removeRowsSql(to.standing, { table, set });
  return {
    read: [take, ...read],
    write: [writing(remove, target.name, "The rows of these keys as they were.", to.standing.shared), ...write],
  };
}

function carry(ends: PlannedEnds, target: Receiving, source: string, from: string, why: string): Carried {
  const { shared } = ends.to.standing;
  if (ends.one) {
    const insert = writing(insertSql(target, source), target.name, why, shared);
    return { read: [], write: [shared ? insert : { ...insert, lock: reads(from) }] };
  }
  const out: Statement = {
    sql: copyOutSql(target, source),
    object: `rows of ${from}`,
    lock: reads(from),
    why,
    transactional: true,
  };
  return { read: [out], write: [writing(copyInSql(target), target.name, why, shared)] };
}

/** `used`: whether others use the table already. */
function writing(sql: string, name: string, why: string, used: boolean): Statement {
  const lock = used ? `ROW EXCLUSIVE on ${name}, until its transaction ends: nobody's reads or writes wait` : "none";
  return { sql, object: `rows of ${name}`, lock, why, transactional: true };
}

function reads(name: string): string {
  return `ACCESS SHARE on ${name}, until its transaction ends: nobody's reads or writes wait`;
}

/** Stands for the key that is drawn when it runs. */
function someKey({ keys }: Pick<MovingTable, "keys">): Key {
  return keys.map(() => "…");
}
