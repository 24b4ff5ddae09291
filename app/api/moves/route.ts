import { staffHandler } from "#app/_server/handler.ts";
import { moveFilter } from "#db/moves/contract.ts";
import { listMoves } from "#db/moves/read.ts";

export const GET = staffHandler("tenants.read", moveFilter, listMoves);
