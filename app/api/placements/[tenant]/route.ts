import { staffHandler } from "#app/_server/handler.ts";
import { placementQuery } from "#db/moves/contract.ts";
import { findPlacement } from "#db/moves/placement.ts";

/** Where a tenant lives now, by its id or its key; for applications, by API token. */
export const GET = staffHandler("tenants.read", placementQuery, findPlacement);
