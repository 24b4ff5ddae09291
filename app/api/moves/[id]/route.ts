import { pollHandler } from "#app/_server/handler.ts";
import { moveReference } from "#db/moves/contract.ts";
import { readLiveMove } from "#db/moves/live.ts";

/** A move with its tables, its log and its job, as the screen that follows it reads it again and again. */
export const GET = pollHandler("tenants.read", moveReference, (actor, { id }) => readLiveMove(actor, id));
