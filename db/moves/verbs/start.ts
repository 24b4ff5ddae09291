import { randomUUID } from "node:crypto";
import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { isOpen } from "../../jobs/is-open.ts";
import type { StartMove } from "../contract.ts";
import { noteEvent } from "../move.ts";
import { type MadePlan, makePlan } from "../plan/plan.ts";

export interface StartedMove {
  moveId: string;
  jobId: string;
}

/**
 * Starts the move that was shown. The tenant goes on where it is until the cutover.
 *
 * @throws Refusal `stale_plan` when the plan is another one by now, `conflict` when something stands in its way.
 */
export async function startMove(actor: Actor, input: StartMove): Promise<StartedMove> {
  authorise(actor, "tenants.move");
  const made = await makePlan(input);
  const { tenant, view } = made;
  if (view.hash !== input.planHash) {
    throw new Refusal("stale_plan", "The plan has changed since it was shown.", { fix: "Look at the new plan first." });
  }
  const stops = view.problems.filter(({ severity }) => severity === "blocking");
  if (stops.length > 0) {
    throw new Refusal(
      "conflict",
      `${stops.length} problems stand in the way: ${stops.map(({ message }) => message).join(" ")}`,
      {
        fix: stops[0]?.fix ?? "Solve them first.",
      },
    );
  }
  const cutoverAt = timeOf(input);
  return inControl(
    actor,
    async (tx, client) => {
      const need = { verb: "moves.start", tier: "costly" as const, subject: tenant.name, planHash: view.hash };
      await requireConsent(tx, actor, need, input);
      await lockPlace(client, made);
      const moveId = await enter(client, actor, made, input, cutoverAt);
      const jobId = await enqueueMove(client, actor, { id: moveId, tenantName: tenant.name });
      await noteEvent(
        client,
        actor,
        moveId,
        "preparing",
        `Started to move ${tenant.name} to ${view.to.tier} at ${view.to.databaseName}.`,
      );
      return { moveId, jobId };
    },
    { reason: input.reason || null, tenantId: tenant.key },
  );
}

/** When the cutover is to be, where that is at a time. @throws Refusal `invalid` where it is, and none is given that is still to come. */
export function timeOf({ cutover, cutoverAt }: Pick<StartMove, "cutover" | "cutoverAt">): string | null {
  if (cutover !== "at") return null;
  if (!cutoverAt) {
    throw new Refusal("invalid", "A cutover at a time needs the time.", { fieldErrors: { cutoverAt: "Say when." } });
  }
  if (Date.parse(cutoverAt) > Date.now()) return cutoverAt;
  throw new Refusal("invalid", "The time to cut over has passed.", {
    fieldErrors: { cutoverAt: "Say a time that is still to come." },
  });
}

/** Two who start at once follow one another; the second finds the first one's move, or the job that takes the tenant out of service. */
async function lockPlace(client: pg.PoolClient, { tenant }: MadePlan): Promise<void> {
  await client.query("SELECT FROM tenants WHERE id = $1 FOR UPDATE", [tenant.id]);
  if (await isOpen(client, "tenants.leave", { tenantId: tenant.id })) {
    throw new Refusal("conflict", `${tenant.name} is being archived or deleted.`, {
      fix: "Wait for that job to end, or cancel it under Jobs.",
    });
  }
  const { rows } = await client.query<{ placement: string | null; moving: boolean }>(
    `SELECT (SELECT id FROM placements WHERE tenant_id = $1 AND state = 'open') AS placement,
            EXISTS (SELECT FROM moves WHERE tenant_id = $1 AND state NOT IN ('completed', 'aborted')) AS moving`,
    [tenant.id],
  );
  if (rows[0]?.placement === tenant.placementId && !rows[0].moving) return;
  throw new Refusal("conflict", `${tenant.name} was moved, or began to move, a moment ago.`, {
    fix: "Look at its moves.",
  });
}

async function enter(
  client: pg.PoolClient,
  actor: Actor,
  made: MadePlan,
  input: StartMove,
  cutoverAt: string | null,
): Promise<string> {
  const { tenant, target, stored, view } = made;
  const databaseId = target.createDatabase ? await enterDatabase(client, made) : target.place.databaseId;
  const to = await one(
    client,
    "INSERT INTO placements (tenant_id, tier, database_id, schema, state) VALUES ($1, $2, $3, $4, 'importing') RETURNING id",
    [tenant.id, target.place.tier, databaseId, target.place.schema],
  );
  const moveId = await one(
    client,
    `INSERT INTO moves (tenant_id, from_placement_id, to_placement_id, plan_hash, plan, cutover, cutover_at, throttle_rows,
                        grace_hours, reason, actor_name, staff_id, pace)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id`,
    [
      tenant.id,
      tenant.placementId,
      to,
      view.hash,
      JSON.stringify(stored),
      input.cutover,
      cutoverAt,
      input.throttleRows ?? null,
      input.graceHours,
      input.reason || null,
      actor.name,
      actor.staffId,
      input.pace ?? "normal",
    ],
  );
  await client.query(
    `INSERT INTO move_tables (move_id, ordinal, name, class, estimated_rows)
     SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[], $5::float8[]::bigint[])`,
    [
      moveId,
      stored.tables.map(({ ordinal }) => ordinal),
      stored.tables.map(({ name }) => name),
      stored.tables.map((table) => table.class),
      stored.tables.map(({ estimatedRows }) => Math.round(estimatedRows)),
    ],
  );
  return moveId;
}

/** The database is of the fleet from now on; it is made by the job, and managed when the tenant lives there. */
async function enterDatabase(client: pg.PoolClient, { tenant, target }: MadePlan): Promise<string> {
  return one(
    client,
    `INSERT INTO databases (server_id, name, application_role, own_tenant_key, home_database_id)
     VALUES ($1, $2, $3, $4, $5) RETURNING id`,
    [target.place.serverId, target.place.databaseName, tenant.applicationRole, tenant.key, tenant.homeDatabaseId],
  );
}

async function one(client: pg.PoolClient, sql: string, values: unknown[]): Promise<string> {
  const { rows } = await client.query<{ id: string }>(sql, values);
  const [row] = rows;
  if (!row) throw new Error("Nothing was inserted.");
  return row.id;
}

/** From now on this job is the one that carries the move on; whatever had it before stops. */
export async function enqueueMove(
  client: pg.PoolClient,
  actor: Actor,
  move: { id: string; tenantName: string },
): Promise<string> {
  const id = randomUUID();
  await enqueueWith(client, actor, {
    id,
    kind: "moves.run",
    title: `Move of ${move.tenantName}`,
    input: { moveId: move.id },
  });
  await client.query("UPDATE moves SET job_id = $2 WHERE id = $1", [move.id, id]);
  return id;
}
