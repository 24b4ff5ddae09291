import { randomBytes } from "node:crypto";
import pg from "pg";
import { Refusal } from "../../errors.ts";
import { isHeld } from "./find/held.ts";
import { type Operation, operationSql, type Secrets } from "./plan/operations.ts";

/** A key for hashes that is used once and kept nowhere, as HMAC pads it; and the words to take out. */
export function secretsOf(words: readonly string[], key: Buffer = randomBytes(32)): Secrets {
  const block = Buffer.concat([key, Buffer.alloc(64 - key.length)]);
  const padded = (byte: number) => Buffer.from(block.map((one) => one ^ byte));
  return { outer: padded(0x5c), inner: padded(0x36), words };
}

/** Children first where rows go; what stays loses its values and links before. */
export function ordered(operations: readonly Operation[]): Operation[] {
  return [...operations.filter(({ act }) => act !== "delete"), ...operations.filter(({ act }) => act === "delete")];
}

/** A hold that came to stand in this very moment refuses by its trigger. */
async function run(client: pg.ClientBase, operation: Operation, secrets: Secrets): Promise<pg.QueryResult> {
  try {
    return await client.query(operationSql(operation, secrets));
  } catch (error) {
    const held = error instanceof pg.DatabaseError && error.constraint === "caretaker_hold";
    throw held ? isHeld(`${operation.schema}.${operation.name}`) : error;
  }
}

/** Runs one statement. @throws Refusal `stale_plan` when a row of it is gone, or a trigger or a rule kept it back. */
export async function applyOperation(client: pg.ClientBase, operation: Operation, secrets: Secrets): Promise<number> {
  const { records, schema, name } = operation;
  const { rowCount } = await run(client, operation, secrets);
  if (rowCount === records.length) return records.length;
  throw new Refusal(
    "stale_plan",
    `${schema}.${name}: ${rowCount ?? 0} of ${records.length} rows were there to change; nothing was done.`,
    { fix: "Search again and look at the new plan: rows are gone, or a trigger of the application keeps them back." },
  );
}
