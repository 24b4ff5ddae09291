import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CapturedDatabase } from "./testing/captured.ts";

let db: CapturedDatabase;

beforeAll(async () => {
  db = await CapturedDatabase.make(`
CREATE TABLE events (id integer, day date, what text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 (what text, day date NOT NULL, id integer NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_2_rest PARTITION OF events_2 DEFAULT;
ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');`);
});

afterAll(() => db.close());

const told = (entries: { action: string; resource_type: string | null; resource_id: string | null }[]) =>
  entries.map((entry) => [entry.action, entry.resource_type, entry.resource_id]);

describe("a partitioned table", () => {
  it("records each write once under its own name, however it was reached", async () => {
    const entries = await db.recorded(
      "INSERT INTO events VALUES (1, '2026-01-05', 'a'), (2, '2026-02-05', 'b')",
      "INSERT INTO events_1 VALUES (3, '2026-01-06', 'c')",
      "INSERT INTO events_2_rest (id, day, what) VALUES (4, '2026-02-06', 'd')",
      "UPDATE events_2 SET what = 'dd' WHERE id = 4",
    );
    expect(told(entries)).toEqual([
      ["create", "events", '["1","2026-01-05"]'],
      ["create", "events", '["2","2026-02-05"]'],
      ["create", "events", '["3","2026-01-06"]'],
      ["create", "events", '["4","2026-02-06"]'],
      ["update", "events", '["4","2026-02-06"]'],
    ]);
    expect(entries[4]?.old_values).toEqual({ id: 4, day: "2026-02-06", what: "d" });
  });

  it("records a move between partitions as the one update that it is", async () => {
    const [entry, ...more] = await db.recorded("UPDATE events SET day = '2026-02-20' WHERE id = 1");
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      action: "update",
      resource_id: '["1","2026-01-05"]',
      changes: { day: "2026-02-20" },
    });
    expect(entry?.metadata).toMatchObject({ new_key: '["1","2026-02-20"]' });
  });

  it("records a move of many rows between partitions row by row", async () => {
    await db.client.query("INSERT INTO events SELECT i, '2026-01-10', 'm' || i FROM generate_series(100, 149) AS i");
    const entries = await db.recorded("UPDATE events SET day = '2026-02-10' WHERE day = '2026-01-10'");
    expect(entries).toHaveLength(50);
    for (const entry of entries) {
      expect(entry.changes).toEqual({ day: "2026-02-10" });
      expect(entry.resource_id).toBe(JSON.stringify([String(entry.old_values?.id), "2026-01-10"]));
    }
  });

  it("counts the rows of each partition that TRUNCATE empties", async () => {
    const { rows } = await db.client.query("SELECT count(*)::int AS n FROM events");
    const entries = await db.recorded("TRUNCATE events");
    expect(new Set(entries.map((entry) => entry.resource_type))).toEqual(new Set(["events"]));
    expect(
      entries
        .filter((entry) => entry.action === "truncate")
        .reduce((sum, entry) => sum + Number(entry.metadata?.rows), 0),
    ).toBe(rows[0]?.n);
  });

  it("guards partitions that were added later when asked to again", async () => {
    await db.client.query("CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')");
    await db.capture("events");
    expect(told(await db.recorded("INSERT INTO events_3 VALUES (9, '2026-03-03', 'x')"))).toEqual([
      ["create", "events", '["9","2026-03-03"]'],
    ]);
  });
});
