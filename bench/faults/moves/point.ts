import { relation } from "#db/managed/statement.ts";
import type { PlanMove } from "#db/moves/contract.ts";
import type { Move } from "#db/moves/move.ts";
import type { Place } from "#db/moves/plan/place.ts";
import type { Application } from "../ledger/application.ts";
import { statesAt } from "../ledger/writer.ts";
import { ask, patiently } from "../patience.ts";
import { begin, settled, travel } from "./journey.ts";
import { leftoversOf } from "./leftovers.ts";
import { type Cell, journeyTo, pick } from "./matrix.ts";
import { type Servers, urlOf } from "./servers.ts";
import { strike, takeTableBack } from "./strikes.ts";
import type { Workers } from "./workers.ts";

export interface Tenant {
  id: string;
  key: string;
  tier: Place["tier"];
  /** Whether its types came with it from a database of its own, so that its tables do not fit the shared ones. */
  ownTypes: boolean;
  application: Application;
}

export interface Stage {
  servers: Servers;
  workers: Workers;
  /** The server on which tenants get databases, as the console knows it. */
  otherServerId: string;
  chance: () => number;
}

/** What became of one point. */
export interface Played {
  label: string;
  struck: boolean;
  ended: "moved" | "back";
  across: boolean;
  resumed: number;
  lost: number;
  changed: number;
  resurrected: number;
  leftovers: number;
  /** One sentence each. */
  violations: string[];
}

/** Moves a tenant while it is written to, strikes once, and looks whether all is whole when the move is over. */
export async function playPoint(stage: Stage, tenant: Tenant, cell: Cell, patient: boolean): Promise<Played> {
  const { servers, workers, chance } = stage;
  const { application } = tenant;
  const input = { tenantId: tenant.id, ...destination(stage, tenant, cell) };
  const legs = journeyTo(cell.state, chance);
  const label = `${tenant.tier} to ${input.tier}${"serverId" in input ? " elsewhere" : ""} of tenant ${tenant.key}, ${legs.join(" ")}: ${cell.blow}, ${cell.end}, while ${cell.state}${patient ? ", patient" : ""}`;
  application.start();
  try {
    const move = await begin(input, { pace: "fast" });
    if (cell.blow === "fill disk") await fatten(servers, move);
    const aim = workers.aim({ ...cell, moveId: move.id }, chance);
    let blow: Promise<void> | null = null;
    let over = true;
    void aim.struck.then((told) => {
      if (process.env.VERBOSE) console.error(`  struck: ${label}`);
      over = false;
      blow = strike(told, { servers, workers, application, move, patient, chance }).finally(() => {
        over = true;
      });
      blow.catch(() => {}); // awaited below
    });
    const arrived = await travel(move.id, {
      legs,
      gone: () => (patient ? [] : workers.gone),
      mend: async () => {
        if (cell.blow === "change a table") await takeTableBack(servers, move.from);
        return over;
      },
      known: () => application.know(),
      withinMs: 300_000,
    }).finally(() => aim.forget());
    await settled(move.id, () => workers.gone);
    const struck = blow !== null;
    await blow;
    await application.rest();
    const ended = arrived.move.state === "completed" ? "moved" : "back";
    const home = ended === "moved" ? move.to : move.from;
    if (ended === "moved") tenant.ownTypes = tenant.tier === "database" && home.tier === "schema";
    tenant.tier = home.tier;
    if (cell.blow === "change a table") await takeTableBack(servers, home);
    if (cell.blow === "fill disk") await slim(servers, home, tenant.key);
    const states = await patiently(() => statesAt(urlOf(servers, home), home.schema, tenant.key));
    const { lost, changed, resurrected, examples } = application.ledger.compare(states);
    const left = await leftoversOf(servers, arrived.move);
    const ran = cell.blow === "change a table" && struck && ended === "moved" && arrived.resumed === 0;
    return {
      label,
      struck,
      ended,
      across: move.from.serverId !== move.to.serverId,
      resumed: arrived.resumed,
      lost,
      changed,
      resurrected,
      leftovers: left.length,
      violations: [
        ...examples.slice(0, 3),
        ...left.slice(0, 5),
        ...(ran ? ["The move went on although a table had another column."] : []),
      ],
    };
  } catch (cause) {
    throw new Error(`${label}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Where to from here: most often to another server. */
function destination(
  { otherServerId, chance }: Stage,
  { tier, ownTypes }: Tenant,
  { blow }: Cell,
): Omit<PlanMove, "tenantId"> {
  // The application writes on at home, and a full disk is not to stop it.
  if (blow === "fill disk") return { tier: "database", serverId: otherServerId };
  if (tier === "database") return { tier: pick(["shared", "schema"], chance) };
  const dice = chance();
  if (dice < 0.65 || ownTypes) return { tier: "database", serverId: otherServerId };
  if (dice < 0.8) return { tier: "database" };
  return { tier: tier === "shared" ? "schema" : "shared" };
}

/** Rows that fill more of the disk than there is going to be. The log is not to hold them too. */
async function fatten(servers: Servers, { from, tenantKey }: Move): Promise<void> {
  await ask(urlOf(servers, from), async (client) => {
    await client.query("SET session_replication_role = replica");
    await client.query(
      `INSERT INTO ${relation(from.schema, "notes")} (tenant_id, body)
       SELECT $1, (SELECT string_agg(md5(random()::text || part), '') FROM generate_series(1, 125) part) FROM generate_series(1, 5000)`,
      [tenantKey],
    );
  });
}

async function slim(servers: Servers, home: Place, tenantKey: string): Promise<void> {
  await ask(urlOf(servers, home), async (client) => {
    await client.query("SET session_replication_role = replica");
    await client.query(`DELETE FROM ${relation(home.schema, "notes")} WHERE tenant_id = $1 AND length(body) = 4000`, [
      tenantKey,
    ]);
    await client.query(`VACUUM FULL ${relation(home.schema, "notes")}`);
  });
}
