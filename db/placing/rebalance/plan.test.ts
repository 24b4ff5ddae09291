import fc from "fast-check";
import { expect, test } from "vitest";
import { pressureOf, type ServerCapacity, worstPressure } from "../contract.ts";
import { type MovableTenant, planRebalance } from "./plan.ts";

const gb = 1_000_000_000;

function server(id: string, used: number, more: Partial<ServerCapacity> = {}): ServerCapacity {
  return {
    id,
    name: id,
    region: null,
    diskBytes: 100 * gb,
    cores: null,
    movesAtOnce: 2,
    usedBytes: used * gb,
    load: null,
    sampledAt: "2026-11-29T00:00:00Z",
    silent: false,
    ...more,
  };
}

function tenant(id: string, serverId: string, size: number, more: Partial<MovableTenant> = {}): MovableTenant {
  return { id, name: id, serverId, tier: "database", bytes: size * gb, load: 0, residency: null, held: null, ...more };
}

const ids = (plan: ReturnType<typeof planRebalance>) =>
  plan.moves.map(({ tenantId, toServerId }) => `${tenantId} to ${toServerId}`);

test("a fleet below the limit needs no move", () => {
  const plan = planRebalance([server("a", 70), server("b", 10)], [tenant("t", "a", 20)], 0.7);
  expect(plan).toMatchObject({ moves: [], unsolved: [], movedBytes: 0 });
});

test("the smallest tenant that is enough is moved to the emptiest server", () => {
  const tenants = [tenant("large", "a", 40), tenant("enough", "a", 12), tenant("small", "a", 5)];
  const plan = planRebalance([server("a", 80), server("b", 40), server("c", 20)], tenants, 0.7);
  expect(ids(plan)).toEqual(["enough to c"]);
  expect(plan.servers.find(({ id }) => id === "a")?.after.disk).toBeCloseTo(0.68);
});

test("several are moved where none is enough, the largest first", () => {
  const tenants = [6, 5, 4, 3].map((size) => tenant(`t${size}`, "a", size));
  expect(ids(planRebalance([server("a", 80), server("b", 20)], tenants, 0.7))).toEqual(["t6 to b", "t4 to b"]);
});

test("a move that a later one made needless is left out", () => {
  const tenants = [tenant("t9", "a", 9), tenant("t2", "a", 2, { load: 3 })];
  const busy = server("a", 79, { cores: 10, load: 9 });
  const plan = planRebalance([busy, server("b", 10, { cores: 10, load: 0 })], tenants, 0.7);
  expect(plan.unsolved).toEqual([]);
  expect(ids(plan).sort()).toEqual(["t2 to b", "t9 to b"]);
});

test("data stays in the region that its contract names", () => {
  const servers = [
    server("eu1", 90, { region: "eu" }),
    server("us1", 0, { region: "us" }),
    server("eu2", 60, { region: "eu" }),
  ];
  const tenants = [tenant("bound", "eu1", 25, { residency: "eu" }), tenant("free", "eu1", 21)];
  expect(ids(planRebalance(servers, tenants, 0.7))).toEqual(["free to us1"]);
  const only = planRebalance(servers, tenants.slice(0, 1), 0.7);
  expect(only.moves).toEqual([]);
  expect(only.unsolved[0]?.why).toContain("no other server that may take one of its tenants has room");
});

test("what is pinned stays, and the plan says what is in the way", () => {
  const plan = planRebalance([server("a", 90), server("b", 0)], [tenant("t", "a", 30, { held: "pinned" })], 0.7);
  expect(plan.moves).toEqual([]);
  expect(plan.unsolved[0]?.why).toContain("1 remaining tenants must not be moved");
});

test("load counts like disk", () => {
  const servers = [server("a", 10, { cores: 8, load: 7 }), server("b", 10, { cores: 8, load: 1 })];
  const plan = planRebalance(
    servers,
    [tenant("quiet", "a", 5, { load: 0.1 }), tenant("busy", "a", 1, { load: 2 })],
    0.7,
  );
  expect(ids(plan)).toEqual(["busy to b"]);
});

test("a server whose disk is not known is neither relieved nor filled", () => {
  const plan = planRebalance([server("a", 90), server("b", 0, { diskBytes: null })], [tenant("t", "a", 30)], 0.7);
  expect(plan.moves).toEqual([]);
  expect(plan.leftOut).toEqual([{ name: "b", why: "the size of its disk is not known" }]);
});

const fleets = fc
  .record({
    servers: fc.array(
      fc.record({
        disk: fc.integer({ min: 50, max: 400 }),
        other: fc.integer({ min: 0, max: 60 }),
        region: fc.constantFrom("eu", "us"),
        cores: fc.integer({ min: 2, max: 32 }),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    tenants: fc.array(
      fc.record({
        at: fc.nat(5),
        bytes: fc.integer({ min: 0, max: 60 }),
        load: fc.integer({ min: 0, max: 8 }),
        residency: fc.constantFrom(null, null, "eu", "us"),
        held: fc.constantFrom(null, null, null, "pinned"),
      }),
      { maxLength: 40 },
    ),
  })
  .map(({ servers, tenants }) => {
    const placed = tenants.map((one, at): MovableTenant => {
      const serverId = `s${one.at % servers.length}`;
      return {
        id: `t${at}`,
        name: `t${at}`,
        serverId,
        tier: "database",
        bytes: one.bytes * gb,
        load: one.load,
        residency: one.residency,
        held: one.held,
      };
    });
    const sum = (id: string, what: "bytes" | "load") =>
      placed.filter((one) => one.serverId === id).reduce((total, one) => total + one[what], 0);
    const made = servers.map(({ disk, other, region, cores }, at) =>
      server(`s${at}`, 0, {
        diskBytes: disk * gb,
        usedBytes: other * gb + sum(`s${at}`, "bytes"),
        region,
        cores,
        load: sum(`s${at}`, "load"),
      }),
    );
    return { servers: made, tenants: placed };
  });

test("for any fleet: nobody is pushed over the limit at any step, nothing is lost, and what stays over is named", () => {
  fc.assert(
    fc.property(fleets, ({ servers, tenants }) => {
      const limit = 0.7;
      const plan = planRebalance(servers, tenants, limit);
      const state = new Map(servers.map((one) => [one.id, { ...one }]));
      expect(new Set(plan.moves.map(({ tenantId }) => tenantId)).size).toBe(plan.moves.length);
      for (const move of plan.moves) {
        const of = tenants.find(({ id }) => id === move.tenantId);
        const [from, to] = [state.get(move.fromServerId), state.get(move.toServerId)];
        if (!of || !from || !to) throw new Error("The plan names what is not there.");
        expect(of).toMatchObject({ serverId: from.id, held: null });
        if (of.residency !== null) expect(to.region).toBe(of.residency);
        from.usedBytes = (from.usedBytes ?? 0) - of.bytes;
        from.load = (from.load ?? 0) - of.load;
        to.usedBytes = (to.usedBytes ?? 0) + of.bytes;
        to.load = (to.load ?? 0) + of.load;
        expect(worstPressure(pressureOf(to))).toBeLessThanOrEqual(limit + 1e-9);
      }
      const over = [...state.values()]
        .filter((one) => (worstPressure(pressureOf(one)) ?? 0) > limit + 1e-9)
        .map(({ id }) => id);
      expect(plan.unsolved.map(({ serverId }) => serverId).sort()).toEqual(over.sort());
      for (const { id, after } of plan.servers) {
        const held = state.get(id);
        expect(after.disk).toBeCloseTo((held && pressureOf(held).disk) ?? Number.NaN);
      }
      expect(planRebalance(servers, [...tenants].reverse(), limit)).toEqual(plan);
    }),
    { numRuns: 300 },
  );
});

test("no move of a plan can be left out", () => {
  fc.assert(
    fc.property(fleets, ({ servers, tenants }) => {
      const { moves, unsolved } = planRebalance(servers, tenants, 0.7);
      if (unsolved.length > 0) return;
      for (const left of moves) {
        const source = servers.find(({ id }) => id === left.fromServerId);
        const others = moves.filter((one) => one !== left);
        const change = (what: "bytes" | "load") =>
          others.reduce(
            (sum, one) =>
              sum + (one.toServerId === source?.id ? one[what] : 0) - (one.fromServerId === source?.id ? one[what] : 0),
            0,
          );
        const after =
          source &&
          pressureOf({
            ...source,
            usedBytes: (source.usedBytes ?? 0) + change("bytes"),
            load: (source.load ?? 0) + change("load"),
          });
        expect((after && worstPressure(after)) ?? 0).toBeGreaterThan(0.7);
      }
    }),
    { numRuns: 300 },
  );
});

test("100,000 tenants on twenty servers are planned, and no server stays over its limit", () => {
  const servers = Array.from({ length: 20 }, (_, at) => server(`s${at}`, at < 4 ? 95 : 40));
  const tenants = Array.from({ length: 100_000 }, (_, at) =>
    tenant(`t${at}`, `s${at % 20}`, 0.001 + (at % 97) / 5_000),
  );
  const plan = planRebalance(servers, tenants, 0.7);
  expect(plan.unsolved).toEqual([]);
});
