import type pg from "pg";

export interface RecordedEvent {
  /** What happened: sign-in, download, refused … The names of row events are the triggers' alone. */
  action: string;
  resourceType: string;
  resourceId: string | null;
  tenantId?: string | null;
  metadata?: Record<string, unknown>;
}

/** Records what changed no row, inside the caller's transaction, which carries the actor. Returns the entry's id. */
export async function recordEvent(client: pg.ClientBase, event: RecordedEvent): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT caretaker.log_event($1, $2, $3, $4::jsonb, $5)::text AS id",
    [event.action, event.resourceType, event.resourceId, JSON.stringify(event.metadata ?? {}), event.tenantId ?? null],
  );
  const [row] = rows;
  if (!row) throw new Error("The event was not recorded.");
  return row.id;
}
