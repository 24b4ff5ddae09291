import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { type Actor, authorise } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { lastCheckpoint } from "./checkpoints.ts";
import { currentSigningKey } from "./keys.ts";
import { type PartTask, proofPart } from "./proof-part.ts";
import { signStatement } from "./statement.ts";

export interface Proved {
  entries: number;
  erased: number;
  /** Entries newer than the last checkpoint; the proof says nothing of them. */
  unsealed: number;
}

/**
 * Writes the proof file of a lossless export: for each of its databases, the salts of the entries it holds and the hashes that
 * lead from them to the last checkpoint, with paths from `earlier` ones (sizes) to it, and what the console signs about them.
 *
 * @throws Refusal `not_found` when a database's log was never sealed.
 */
export async function writeProof(
  actor: Actor,
  input: { lines: string; target: string; earlier?: readonly number[] },
): Promise<Proved> {
  authorise(actor, "audit.verify");
  const total: Proved = { entries: 0, erased: 0, unsealed: 0 };
  const file = await open(input.target, "w", 0o600);
  try {
    for (const [databaseId, ids] of await idsByDatabase(input.lines)) {
      const last = await lastCheckpoint(controlPool(), databaseId);
      if (!last) throw neverSealed(databaseId);
      const sign: PartTask["sign"] = (statement) =>
        inControl(actor, async (_tx, client) => signStatement(databaseId, statement, await currentSigningKey(client)));
      const part = proofPart({ databaseId, wanted: ids, last, earlier: input.earlier ?? [], sign });
      for (let next = await part.next(); ; next = await part.next()) {
        if (next.done) {
          total.entries += next.value.entries;
          total.erased += next.value.erased;
          total.unsealed += ids.size - next.value.entries;
          break;
        }
        await file.appendFile(`${JSON.stringify(next.value)}\n`);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return total;
}

async function idsByDatabase(lines: string): Promise<Map<string, Set<bigint>>> {
  const parts = new Map<string, Set<bigint>>();
  let current = new Set<bigint>();
  for await (const line of createInterface({ input: createReadStream(lines), crlfDelay: Number.POSITIVE_INFINITY })) {
    const id = /^\{"id":"(\d{1,19})"/.exec(line)?.[1];
    if (id !== undefined) current.add(BigInt(id));
    else if (line.startsWith('{"_database":')) {
      const head: { _database: { id: string } } = JSON.parse(line);
      current = parts.get(head._database.id) ?? new Set<bigint>();
      parts.set(head._database.id, current);
    }
  }
  return parts;
}

function neverSealed(databaseId: string): Refusal {
  return new Refusal("not_found", `Nothing of the log of ${databaseId} is sealed and signed yet.`, {
    fix: "The worker seals every minute: see that it runs, and try again in two.",
  });
}
