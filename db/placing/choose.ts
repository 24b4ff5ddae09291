import { type PlacementPolicy, pressureOf, type ServerCapacity, unknownOf, worstPressure } from "./contract.ts";

/** No server is filled beyond this part of its disk or load. */
const limitDefault = 0.7;

export interface Wanted {
  /** What the tenant will need there; 0 for a new one. */
  bytes: number;
  load: number;
  /** The region in which its data must stay, by its contract. */
  residency: string | null;
}

export type Choice =
  | { server: ServerCapacity; why: string }
  | { server: null; why: string; refused: { server: string; why: string }[] };

/** The server for a tenant: of those that policy and contract allow and that stay below the limit, the least pressed one. */
export function chooseServer(
  policy: PlacementPolicy,
  wanted: Wanted,
  servers: readonly ServerCapacity[],
  limit = limitDefault,
): Choice {
  const refused: { server: string; why: string }[] = [];
  const fitting: { server: ServerCapacity; after: number }[] = [];
  for (const server of servers) {
    const why = refusalOf(policy, wanted, server, limit);
    if (why) refused.push({ server: server.name, why });
    else fitting.push({ server, after: worstPressure(after(server, wanted)) ?? 0 });
  }
  const [best] = fitting.sort(
    (one, two) =>
      one.after - two.after || compare(one.server.name, two.server.name) || compare(one.server.id, two.server.id),
  );
  if (!best) return { server: null, why: "No server may take it.", refused };
  if (policy.kind === "pinned") return { server: best.server, why: `New tenants are pinned to ${best.server.name}.` };
  const where = wanted.residency ?? (policy.kind === "region" ? policy.region : null);
  const share = `${Math.round(best.after * 100)} %`;
  return {
    server: best.server,
    why: `${best.server.name} is the least loaded${where ? ` in ${where}` : ""}: ${share} of its disk or load with it.`,
  };
}

function refusalOf(policy: PlacementPolicy, wanted: Wanted, server: ServerCapacity, limit: number): string | null {
  if (wanted.residency !== null && server.region !== wanted.residency)
    return `its region is ${server.region ?? "not known"}, and the contract says ${wanted.residency}`;
  if (policy.kind === "pinned") return server.id === policy.serverId ? null : "the policy pins another";
  if (policy.kind === "region" && server.region !== policy.region)
    return `its region is ${server.region ?? "not known"}, and the policy says ${policy.region}`;
  const unknown = unknownOf(server);
  if (unknown !== null) return unknown;
  const pressure = after(server, wanted);
  if (pressure.disk !== null && pressure.disk > limit)
    return `its disk would be ${Math.round(pressure.disk * 100)} % full`;
  if (pressure.load !== null && pressure.load > limit) return `its load would be ${Math.round(pressure.load * 100)} %`;
  return null;
}

function after(server: ServerCapacity, { bytes, load }: Wanted) {
  return pressureOf({
    ...server,
    usedBytes: server.usedBytes === null ? null : server.usedBytes + bytes,
    load: server.load === null ? null : server.load + load,
  });
}

function compare(one: string, two: string): number {
  return one < two ? -1 : one > two ? 1 : 0;
}
