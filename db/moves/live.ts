import { type Actor, authorise } from "../actor.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { readJob } from "../jobs/read.ts";
import type { LiveMove } from "./contract.ts";
import { readMove } from "./read.ts";

/** A move with the job that carries it on. @throws Refusal `not_found` */
export async function readLiveMove(actor: Actor, moveId: string): Promise<LiveMove> {
  const at = new Date().toISOString();
  const move = await readMove(actor, moveId);
  return { move, job: move.jobId === null ? null : await readJob(actor, move.jobId), at };
}

/** The move that a job carries on, or carried on before another job did. @throws Refusal `not_found` */
export async function moveOfJob(actor: Actor, jobId: string): Promise<string> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<{ moveId: string }>(
    `SELECT m.id AS "moveId" FROM jobs j JOIN moves m ON m.id::text = j.input->>'moveId'
      WHERE j.id::text = $1 AND j.kind = 'moves.run'`,
    [jobId],
  );
  const [row] = rows;
  if (row) return row.moveId;
  throw new Refusal("not_found", "This job moves no tenant.", { fix: "Look for the move in the list of moves." });
}
