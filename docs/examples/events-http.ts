import { setTimeout } from "node:timers/promises";

interface Event {
  /** Yours, and the same for each attempt: the log takes an event once. */
  id: string;
  action: string;
  actor?: string;
  tenant?: string;
  resource?: { type: string; id?: string };
  ip?: string;
  occurredAt?: string;
  metadata?: Record<string, unknown>;
}

/** Sends events until Caretaker says that they stand in the log. Throws when they never will. */
export async function reportEvents(caretaker: string, token: string, events: Event[]): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(new URL("/api/events", caretaker), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ events }),
      signal: AbortSignal.timeout(10_000),
    }).catch(() => null);
    if (response?.ok) return;
    const mayHelp = response === null || response.status >= 500 || response.status === 429;
    if (!mayHelp || attempt === 8) throw new Error(`Events refused: ${await response?.text()}`);
    await setTimeout(Math.min(60_000, 500 * 2 ** attempt));
  }
}
