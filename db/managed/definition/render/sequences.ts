import { identifier, type Statement } from "../../statement.ts";
import type { Sequence } from "../definition.ts";
import type { Naming } from "../naming.ts";
import { made } from "./made.ts";

/** What stands between a sequence's name and its end, the same for an identity column's. */
export function sequenceOptions(sequence: Sequence): string {
  return `INCREMENT BY ${sequence.increment} MINVALUE ${sequence.min} MAXVALUE ${sequence.max} START WITH ${sequence.start} CACHE ${sequence.cache}${sequence.cycle ? " CYCLE" : ""}`;
}

export function sequenceStatement(sequence: Sequence, naming: Naming): Statement {
  const name = naming.own(sequence.name);
  return made(
    `sequence ${name}`,
    "The tenant's own numbers.",
    `CREATE ${sequence.unlogged ? "UNLOGGED " : ""}SEQUENCE ${name} AS ${sequence.type} ${sequenceOptions(sequence)}`,
  );
}

/** Ties a sequence to its column, so that it goes with the table. */
export function sequenceOwnership(sequence: Sequence, naming: Naming): Statement[] {
  const { table, column } = sequence;
  if (table === null || column === null) return [];
  const name = naming.own(sequence.name);
  return [
    made(
      `sequence ${name}`,
      "It goes when its column goes.",
      `ALTER SEQUENCE ${name} OWNED BY ${naming.own(table)}.${identifier(column)}`,
    ),
  ];
}
