import pg from "pg";
import { type Actor, authorise, tokenLabel } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { inDatabase } from "../../fleet.ts";
import type { AuditEvent, EventBatch, RecordedEvents } from "./contract.ts";
import { destinationOf } from "./destination.ts";

/**
 * Records events of a service in one managed database's log: all of them or none. An event whose id was recorded before
 * answers with that entry, so that a sender who got no answer just sends the same again.
 *
 * @throws Refusal `conflict` when an id comes again with another content.
 */
export async function reportEvents(actor: Actor, { database, events }: EventBatch): Promise<RecordedEvents> {
  authorise(actor, "events.write");
  const { apiToken } = actor;
  if (!apiToken) {
    throw new Refusal("forbidden", "Events are reported with an API token, so that each entry names what sent it.", {
      fix: "Create an API token with the capability events.write, and send it as Authorization: Bearer.",
    });
  }
  requireDistinctIds(events);
  const target = await destinationOf(apiToken, database);
  const recorded = await inDatabase(actor, target.id, (client) => recordAll(client, events, tokenLabel(apiToken)));
  return { database: target.name, events: recorded };
}

function requireDistinctIds(events: readonly AuditEvent[]): void {
  const seen = new Set<string>();
  for (const { id } of events) {
    if (seen.has(id)) throw conflict(id, "It stands twice in this batch.");
    seen.add(id);
  }
}

async function recordAll(
  client: pg.PoolClient,
  events: readonly AuditEvent[],
  key: string,
): Promise<RecordedEvents["events"]> {
  await lockIds(client, events);
  const recorded: RecordedEvents["events"] = [];
  for (const event of events) recorded.push(await recordOne(client, event, key));
  return recorded;
}

/** Two batches with the same events in another order must not wait for each other. */
async function lockIds(client: pg.PoolClient, events: readonly AuditEvent[]): Promise<void> {
  await client.query(
    `SELECT pg_advisory_xact_lock(key)
       FROM (SELECT DISTINCT hashtextextended('caretaker.event ' || id, 0) AS key FROM unnest($1::text[]) AS id ORDER BY 1) AS k`,
    [events.map(({ id }) => id)],
  );
}

async function recordOne(
  client: pg.PoolClient,
  event: AuditEvent,
  key: string,
): Promise<RecordedEvents["events"][number]> {
  const { actor, tenant, ip, userAgent, request, reason, impersonator, resource, occurredAt, metadata } = event;
  try {
    await client.query("SELECT caretaker.set_context($1, $2, $3, $4, $5, $6, $7, $8)", [
      actor,
      tenant,
      ip,
      userAgent,
      request,
      reason,
      impersonator,
      key,
    ]);
    const { rows } = await client.query<{ entry: string; repeated: boolean }>(
      "SELECT entry::text, repeated FROM caretaker.log_event_once($1, $2, $3, $4, $5::jsonb, $6)",
      [
        event.id,
        event.action,
        resource?.type,
        resource?.id,
        JSON.stringify({ ...metadata, ...(occurredAt ? { occurred_at: occurredAt } : {}) }),
        tenant,
      ],
    );
    const [row] = rows;
    if (!row) throw new Error(`The event ${event.id} was not recorded.`);
    return { id: event.id, ...row };
  } catch (error) {
    throw told(error, event);
  }
}

function told(error: unknown, event: AuditEvent): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  if (error.code === "23505") return conflict(event.id, "It was recorded before with another content.");
  if (error.code === "42883") {
    return new Refusal("unsupported", "An older version of Caretaker is installed in this database.", {
      fix: "An administrator applies the plan under Databases; then send the events again.",
      cause: error,
    });
  }
  // Text that JSON can hold and PostgreSQL cannot, such as \u0000.
  if (error.code?.startsWith("22")) {
    return new Refusal("invalid", `The event ${event.id} cannot be recorded: ${error.message}.`, {
      fix: "Correct it and send it again.",
      cause: error,
    });
  }
  return error;
}

function conflict(id: string, why: string): Refusal {
  return new Refusal("conflict", `The id ${id} is of another event. ${why}`, {
    fix: "Give every event an id of its own; a repetition must be the same in everything.",
  });
}
