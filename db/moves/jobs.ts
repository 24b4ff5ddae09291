import { z } from "zod";
import { controlPool, inControl } from "../control.ts";
import type { JobKind } from "../jobs/kind.ts";
import type { Schedule } from "../jobs/schedule.ts";
import { runMove } from "./run/run.ts";
import { sweepMoves } from "./sweep/job.ts";
import { enqueueMove } from "./verbs/start.ts";

const runInput = z.object({ moveId: z.uuid() });

export const moveJobs: JobKind[] = [
  {
    kind: "moves.run",
    run: (job) => runMove(job, runInput.parse(job.input).moveId),
  },
  sweepMoves,
];

/**
 * Carries on what no worker has: a move between its two places, one whose time to cut over has come, and the writes of a tenant
 * whose move waits or can be reversed, so that little is left to carry when somebody asks.
 */
const tend: JobKind = {
  kind: "moves.tend",
  async run({ actor }) {
    const { rows } = await controlPool().query<{ id: string; tenantName: string }>(
      `SELECT m.id, t.name AS "tenantName"
         FROM moves m
         JOIN tenants t ON t.id = m.tenant_id
         LEFT JOIN jobs j ON j.id = m.job_id AND j.state IN ('queued', 'running')
        WHERE j.id IS NULL
          AND (m.state IN ('cutting', 'reversing', 'completing', 'aborting')
               OR m.state = 'ready' AND m.cutover = 'at' AND m.cutover_at <= now() AND m.paused_at IS NULL AND m.error IS NULL
               OR m.state IN ('ready', 'moved') AND m.error IS NULL AND coalesce(m.lag_at, '-infinity') < now() - interval '5 minutes')
        ORDER BY m.started_at`,
    );
    for (const move of rows) await inControl(actor, (_tx, client) => enqueueMove(client, actor, move));
    return { moves: rows.length };
  },
};

export const moveSchedules: Schedule[] = [{ name: "moves.tend", cron: "* * * * *", run: tend }];
