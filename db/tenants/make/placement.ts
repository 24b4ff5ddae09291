import type { Actor } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { inDatabase } from "../../fleet.ts";
import { setPlacement } from "../../managed/moving/gate.ts";
import { ownName } from "../../managed/own-name.ts";
import type { StartTenant } from "../contract.ts";
import type { Source } from "./source.ts";

/** Enters the tenant's place where the application looks for it: in the database that lists its tenants. */
export async function sayPlacement(actor: Actor, source: Source, input: StartTenant, tenantKey: string): Promise<void> {
  const serverId = input.tier === "database" ? (input.serverId ?? source.serverId) : source.serverId;
  const { rows } = await controlPool().query<{ host: string; port: number }>(
    "SELECT host, port FROM servers WHERE id = $1",
    [serverId],
  );
  const [server] = rows;
  if (!server) throw new Error(`Server ${serverId} is not of the fleet.`);
  const own = ownName(input.tenantId);
  const place =
    input.tier === "schema" ? { database: source.databaseName, schema: own } : { database: own, schema: source.schema };
  await inDatabase(
    actor,
    source.databaseId,
    (client) =>
      setPlacement(
        client,
        { tenantKey, schema: source.schema, madeBy: input.tenantId },
        { tenant: tenantKey, tier: input.tier, ...server, ...place },
      ),
    { tenantId: tenantKey },
  );
}
