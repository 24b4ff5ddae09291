import { staffHandler } from "#app/_server/handler.ts";
import { searchQuery } from "#app/(console)/shell/search-contract.ts";
import { findAnything, findTenants } from "./find.ts";

/** Whatever a name, a slug or an id leads to, as far as the asker may see it. */
export const GET = staffHandler("overview.read", searchQuery, async (actor, { q, only, database }, request) =>
  only === "tenants"
    ? { hits: await findTenants(actor, q, database), silent: [] }
    : findAnything(actor, q, request.signal),
);
