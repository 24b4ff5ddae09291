import { type Pressure, pressureOf, type ServerCapacity, unknownOf, worstPressure } from "../contract.ts";

// Which tenants to move so that no server passes the limit. A pure function of what was sampled: the same samples give the same
// plan, so that a plan can be shown, agreed to by its hash, and run.

export interface MovableTenant {
  id: string;
  name: string;
  serverId: string;
  tier: "shared" | "schema" | "database";
  bytes: number;
  /** Statements at once that are its own; a part of its database's load, measured or by size. */
  load: number;
  /** The region in which its data must stay. */
  residency: string | null;
  /** Why it must not be moved: pinned, being moved, archived; null: it may. */
  held: string | null;
}

export interface PlannedMove {
  tenantId: string;
  tenantName: string;
  fromServerId: string;
  toServerId: string;
  tier: MovableTenant["tier"];
  bytes: number;
  load: number;
  why: string;
}

export interface ServerOutlook {
  id: string;
  name: string;
  before: Pressure;
  after: Pressure;
}

export interface Unsolved {
  serverId: string;
  name: string;
  /** What is left over the limit, and what would help. */
  why: string;
}

export interface RebalancePlan {
  limit: number;
  /** In the order in which they run: no step passes the limit on its target. */
  moves: PlannedMove[];
  servers: ServerOutlook[];
  unsolved: Unsolved[];
  /** Servers that are left out, and why. */
  leftOut: { name: string; why: string }[];
  movedBytes: number;
}

interface Held {
  server: ServerCapacity;
  bytes: number;
  load: number;
}

export function planRebalance(
  servers: readonly ServerCapacity[],
  tenants: readonly MovableTenant[],
  limit: number,
): RebalancePlan {
  const known = servers.filter((one) => unknownOf(one) === null);
  const leftOut = servers.flatMap((one) => {
    const why = unknownOf(one);
    return why === null ? [] : [{ name: one.name, why }];
  });
  const state = new Map(
    known.map((server): [string, Held] => [
      server.id,
      { server, bytes: server.usedBytes ?? 0, load: server.load ?? 0 },
    ]),
  );
  const remaining = new Map(known.map(({ id }) => [id, movableOf(tenants, id)]));
  const moves: PlannedMove[] = [];
  const stuck = new Set<string>();
  for (let worst = worstOver(state, limit, stuck); worst; worst = worstOver(state, limit, stuck)) {
    const found = bestMove(worst, remaining.get(worst.server.id) ?? [], state, limit);
    if (!found) {
      stuck.add(worst.server.id);
      continue;
    }
    apply(state, found.tenant, worst, found.target, 1);
    const left = remaining.get(worst.server.id) ?? [];
    left.splice(left.indexOf(found.tenant), 1);
    moves.push(toMove(found.tenant, found.target, pressure(worst), limit));
  }
  const needed = withoutNeedless(moves, state, limit);
  return {
    limit,
    moves: needed,
    servers: known.map((server) => ({
      id: server.id,
      name: server.name,
      before: pressureOf(server),
      after: pressure(get(state, server.id)),
    })),
    unsolved: known.flatMap((server) =>
      unsolvedOf(server, get(state, server.id), remaining.get(server.id) ?? [], tenants, limit),
    ),
    leftOut,
    movedBytes: needed.reduce((sum, one) => sum + one.bytes, 0),
  };
}

/** Largest first, so that few moves do; ids break ties. */
function movableOf(tenants: readonly MovableTenant[], serverId: string): MovableTenant[] {
  return tenants
    .filter((one) => one.serverId === serverId && one.held === null && (one.bytes > 0 || one.load > 0))
    .sort((one, two) => two.bytes - one.bytes || two.load - one.load || (one.id < two.id ? -1 : 1));
}

function pressure({ server, bytes, load }: Held): Pressure {
  return pressureOf({ ...server, usedBytes: bytes, load: server.load === null ? null : load });
}

function isOver(held: Held, limit: number): boolean {
  return (worstPressure(pressure(held)) ?? 0) > limit;
}

function worstOver(state: ReadonlyMap<string, Held>, limit: number, stuck: ReadonlySet<string>): Held | undefined {
  const over = [...state.values()].filter((held) => !stuck.has(held.server.id) && isOver(held, limit));
  return over.sort(
    (one, two) =>
      (worstPressure(pressure(two)) ?? 0) - (worstPressure(pressure(one)) ?? 0) ||
      (one.server.id < two.server.id ? -1 : 1),
  )[0];
}

/**
 * The smallest tenant that brings the server below the limit by itself; where none does, the largest that fits anywhere. What
 * counts as large is the part of the excess that it takes away.
 */
function bestMove(
  from: Held,
  tenants: readonly MovableTenant[],
  state: ReadonlyMap<string, Held>,
  limit: number,
): { tenant: MovableTenant; target: Held } | null {
  const over = excessOf(from, limit);
  let relief: { tenant: MovableTenant; target: Held; part: number } | null = null;
  let solving: { tenant: MovableTenant; target: Held } | null = null;
  for (const tenant of tenants) {
    const part = reliefOf(over, tenant);
    const solves = part >= 1;
    // They come by size. A smaller one that is enough is better than a larger one; one that is not is better by its load alone.
    if (!solves && over.load === 0 && (solving || relief)) break;
    if (part <= 0 || (!solves && (solving || (relief && part <= relief.part)))) continue;
    const target = leastPressed(from, tenant, state, limit);
    if (!target) continue;
    if (solves) solving = { tenant, target };
    else relief = { tenant, target, part };
  }
  return solving ?? relief;
}

/** What is over the limit: bytes, and statements at once. */
function excessOf({ server, bytes, load }: Held, limit: number): { bytes: number; load: number } {
  return {
    bytes: Math.max(0, bytes - limit * (server.diskBytes ?? 0)),
    load: server.load === null || server.cores === null ? 0 : Math.max(0, load - limit * server.cores),
  };
}

/** The part of the excess, of disk and load together, that goes with this tenant; 1 is all of it. */
function reliefOf(over: { bytes: number; load: number }, { bytes, load }: MovableTenant): number {
  const disk = over.bytes > 0 ? Math.min(1, bytes / over.bytes) : null;
  const busy = over.load > 0 ? Math.min(1, load / over.load) : null;
  if (disk === null) return busy ?? 0;
  return busy === null ? disk : (disk + busy) / 2;
}

function leastPressed(from: Held, tenant: MovableTenant, state: ReadonlyMap<string, Held>, limit: number): Held | null {
  let best: { held: Held; after: number } | null = null;
  for (const held of state.values()) {
    if (held === from || (tenant.residency !== null && held.server.region !== tenant.residency)) continue;
    // A server whose load is not known takes no load that is.
    if (held.server.load === null && from.server.load !== null && tenant.load > 0) continue;
    const after =
      worstPressure(pressure({ ...held, bytes: held.bytes + tenant.bytes, load: held.load + tenant.load })) ?? 0;
    if (after > limit) continue;
    if (!best || after < best.after || (after === best.after && held.server.id < best.held.server.id))
      best = { held, after };
  }
  return best?.held ?? null;
}

function apply(
  state: Map<string, Held>,
  { bytes, load }: Pick<MovableTenant, "bytes" | "load">,
  from: Held,
  to: Held,
  sign: 1 | -1,
): void {
  state.set(from.server.id, {
    ...get(state, from.server.id),
    bytes: get(state, from.server.id).bytes - sign * bytes,
    load: get(state, from.server.id).load - sign * load,
  });
  state.set(to.server.id, {
    ...get(state, to.server.id),
    bytes: get(state, to.server.id).bytes + sign * bytes,
    load: get(state, to.server.id).load + sign * load,
  });
}

function get(state: ReadonlyMap<string, Held>, id: string): Held {
  const held = state.get(id);
  if (!held) throw new Error(`There is no server ${id}.`);
  return held;
}

/** A large move that came first can make a small one before it needless. */
function withoutNeedless(moves: readonly PlannedMove[], state: Map<string, Held>, limit: number): PlannedMove[] {
  const kept = [...moves];
  for (const move of [...moves].sort((one, two) => one.bytes - two.bytes)) {
    const from = get(state, move.fromServerId);
    const back = { ...from, bytes: from.bytes + move.bytes, load: from.load + move.load };
    if (isOver(back, limit)) continue;
    apply(state, move, from, get(state, move.toServerId), -1);
    kept.splice(kept.indexOf(move), 1);
  }
  return kept;
}

function toMove(
  { id, name, serverId, tier, bytes, load }: MovableTenant,
  target: Held,
  before: Pressure,
  limit: number,
): PlannedMove {
  const disk = before.disk !== null && before.disk > limit ? `${percent(before.disk)} of its disk` : null;
  const busy = before.load !== null && before.load > limit ? `${percent(before.load)} of its load` : null;
  const why = `Its server is at ${[disk, busy].filter((one) => one !== null).join(" and ")}.`;
  return {
    tenantId: id,
    tenantName: name,
    fromServerId: serverId,
    toServerId: target.server.id,
    tier,
    bytes,
    load,
    why,
  };
}

function unsolvedOf(
  server: ServerCapacity,
  held: Held,
  left: readonly MovableTenant[],
  tenants: readonly MovableTenant[],
  limit: number,
): Unsolved[] {
  if (!isOver(held, limit)) return [];
  const now = pressure(held);
  const what =
    now.disk !== null && now.disk > limit
      ? `${percent(now.disk)} of its disk`
      : `${percent(now.load ?? 0)} of its load`;
  const pinned = tenants.filter((one) => one.serverId === server.id && one.held !== null).length;
  const why =
    left.length > 0
      ? "no other server that may take one of its tenants has room"
      : pinned > 0
        ? `its ${pinned} remaining tenants must not be moved`
        : "what fills it belongs to no tenant that is known";
  return [
    { serverId: server.id, name: server.name, why: `It stays at ${what}: ${why}. Add a server, or room to this one.` },
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
