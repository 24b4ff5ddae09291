import { open } from "node:fs/promises";
import { type Actor, authorise } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { lastCheckpoint } from "./checkpoints.ts";
import { type ExportRecord, readExported } from "./exported.ts";
import { currentSigningKey } from "./keys.ts";
import { type PartTask, proofPart } from "./proof-part.ts";
import { type Statement, signStatement } from "./statement.ts";

export interface Proved {
  entries: number;
  erased: number;
  /** Entries newer than the last checkpoint; the proof says nothing of them. */
  unsealed: number;
  /** What the console has on record of the export, and signed; null when it knows no such export. */
  recorded: Statement["export"];
}

/**
 * Writes the proof file of a lossless export: for each of its databases, the salts of the entries it holds and the hashes that
 * lead from them to the last checkpoint, with paths from `earlier` ones (sizes) to it, and what the console signs about them.
 *
 * @throws Refusal `not_found` when a database's log was never sealed, `invalid` when the file is not an export as it was written.
 */
export async function writeProof(
  actor: Actor,
  input: { lines: string; target: string; earlier?: readonly number[]; record?: ExportRecord },
): Promise<Proved> {
  authorise(actor, "audit.verify");
  const { entries, recorded } = await readExported(input.lines, input.record);
  const total: Proved = { entries: 0, erased: 0, unsealed: 0, recorded };
  const file = await open(input.target, "w", 0o600);
  try {
    for (const [databaseId, ids] of entries) {
      const last = await lastCheckpoint(controlPool(), databaseId);
      if (!last && ids.size === 0) continue;
      if (!last) throw neverSealed(databaseId);
      const sign: PartTask["sign"] = (statement) =>
        inControl(actor, async (_tx, client) =>
          signStatement(databaseId, { ...statement, export: recorded }, await currentSigningKey(client)),
        );
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

function neverSealed(databaseId: string): Refusal {
  return new Refusal("not_found", `Nothing of the log of ${databaseId} is sealed and signed yet.`, {
    fix: "The worker seals every minute: see that it runs, and try again in two.",
  });
}
