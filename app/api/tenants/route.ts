import { staffHandler } from "#app/_server/handler.ts";
import { tenantPageQuery } from "#db/tenants/contract.ts";
import { listTenants } from "#db/tenants/list.ts";

export const GET = staffHandler("tenants.read", tenantPageQuery, (actor, { cursor, ...filter }) =>
  listTenants(actor, filter, cursor),
);
