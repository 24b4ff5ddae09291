import type { Actor } from "../../actor.ts";
import { requireConsent } from "../../danger.ts";
import type { ScheduleCutover } from "../contract.ts";
import { noteEvent } from "../move.ts";
import { type Acted, act } from "./act.ts";
import { enqueueMove, timeOf } from "./start.ts";

/** Says anew when a move is to cut over that has not begun to: when somebody asks, as soon as it is ready, or at a time. */
export function scheduleCutover(actor: Actor, input: ScheduleCutover): Promise<Acted> {
  return act(actor, input, "schedule", async ({ tx, client, move }) => {
    await requireConsent(tx, actor, { verb: "moves.schedule", tier: "costly", subject: move.tenantName }, input);
    const at = timeOf(input);
    // A worker that was about to cut a ready move over, as it was to before, finds another version.
    await client.query(
      `UPDATE moves SET cutover = $2, cutover_at = $3, state_version = state_version + CASE state WHEN 'ready' THEN 1 ELSE 0 END
        WHERE id = $1`,
      [move.id, input.cutover, at],
    );
    await noteEvent(client, actor, move.id, "scheduled", told(input.cutover, at));
    return move.state === "ready" && input.cutover === "ready" ? enqueueMove(client, actor, move) : null;
  });
}

function told(cutover: ScheduleCutover["cutover"], at: string | null): string {
  if (at !== null)
    return `The cutover is to be at ${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC, when it is ready by then.`;
  return cutover === "ready"
    ? "The cutover is to be as soon as both places hold the same rows."
    : "The cutover waits until somebody asks.";
}
