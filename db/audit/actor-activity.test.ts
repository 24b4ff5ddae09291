import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { type Adopted, adoptedDatabase } from "../testing/adopted.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { type ActorActivity, actorActivity } from "./actor-activity.ts";
import { actorWays } from "./actor-ways.ts";
import { Values } from "./conditions.ts";
import { newestSql, type Question } from "./newest-sql.ts";
import { is } from "./query/terms.ts";
import { partWords } from "./sentence.ts";
import { partsText } from "./story-sentence.ts";
import { allTime } from "./windows.ts";

const ddl = `
  CREATE TABLE users (id bigint PRIMARY KEY, name text);
  CREATE TABLE notes (id bigint PRIMARY KEY, body text)`;

let db: Adopted;
let actor: Awaited<ReturnType<typeof person>>["actor"];

/** What the application does in one request: as `user`, and where it is given really by `impersonator`. */
async function request(id: string, user: string, impersonator: string | null, ...statements: string[]): Promise<void> {
  await db.client.query("BEGIN");
  await db.client.query(
    "SELECT caretaker.set_context(user_id => $1, impersonator_id => $2, request_id => $3, ip_address => $4)",
    [user, impersonator, id, impersonator === null ? "10.0.0.1" : "10.0.0.2"],
  );
  for (const sql of statements) await db.client.query(sql);
  await db.client.query("COMMIT");
}

beforeAll(async () => {
  await freshControl();
  ({ actor } = await person("support", "Sam"));
  const users = { schema: "public", table: "users", key: "id", name: "name", slug: null };
  db = await adoptedDatabase(ddl, {}, { usersTable: users });
  await db.client.query("INSERT INTO users VALUES (1, 'Grace'), (2, 'Alan'), (3, 'Kay')");
  await request("req-1", "1", null, "INSERT INTO notes VALUES (1, 'mine')");
  await request("req-2", "2", "1", "INSERT INTO notes VALUES (2, 'his')", "INSERT INTO notes VALUES (3, 'his')");
  await request("req-3", "1", "3", "UPDATE notes SET body = 'hers' WHERE id = 1");
  await request("req-4", "1", "1", "DELETE FROM notes WHERE id = 3");
  await request("req-5", "2", null, "DELETE FROM notes WHERE id = 2");
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

function told({ rows }: ActorActivity, id: string): [string, string | null][] {
  return rows.map(({ parts, actors }) => [partsText(parts), partWords(actors, id)]);
}

describe("the activity of an actor", () => {
  test("is what they did as themselves and in other people's names, and what others did in theirs, each said in words", async () => {
    const grace = await actorActivity(actor, "1");
    expect(told(grace, "1")).toEqual([
      ["Grace as Grace deleted 1 note", null],
      ["Kay as Grace changed 1 note", "by Kay in this name"],
      ["Grace as Alan created 2 notes", "in the name of Alan"],
      ["Grace created 1 note", null],
    ]);
    expect(grace).toMatchObject({
      name: "Grace",
      unindexed: [],
      lately: {
        entries: 5,
        names: [{ id: "2", name: "Alan", entries: 2 }],
        others: [{ id: "3", name: "Kay", entries: 1 }],
        addresses: [
          { ip: "10.0.0.2", entries: 3 },
          { ip: "10.0.0.1", entries: 1 },
        ],
      },
    });
  });

  test("tells the one in whose name it was that another did it, and names whoever never acted as themselves", async () => {
    expect(told(await actorActivity(actor, "2"), "2")).toEqual([
      ["Alan deleted 1 note", null],
      ["Grace as Alan created 2 notes", "by Grace in this name"],
    ]);
    const kay = await actorActivity(actor, "3");
    expect(kay.name).toBe("Kay");
    expect(told(kay, "3")).toEqual([["Kay as Grace changed 1 note", "in the name of Grace"]]);
  });

  test("goes on, page by page, over both without a gap or a repetition", async () => {
    const each = Array.from({ length: 350 }, (_, n) => `UPDATE notes SET body = 'b${n}' WHERE id = 9`);
    await request("req-6", "4", null, "INSERT INTO notes VALUES (9, 'long')", ...each);
    for (let n = 0; n < 10; n++) {
      await request(`own-${n}`, "4", null, `INSERT INTO notes VALUES (${100 + n}, 'own')`);
      await request(`other-${n}`, "2", "4", `INSERT INTO notes VALUES (${200 + n}, 'other')`);
    }
    const first = await actorActivity(actor, "4");
    expect(first.lately).toMatchObject({ entries: 371, more: false });
    const requests: (string | null)[] = [];
    let entries = 0;
    for (let page = first; ; page = await actorActivity(actor, "4", page.next)) {
      requests.push(...page.rows.map(({ first: { request } }) => request));
      entries += page.rows.reduce((sum, one) => sum + one.entries, 0);
      if (page.next === null) break;
      expect(page.next).not.toBe(first === page ? null : first.next);
    }
    const newest = Array.from({ length: 10 }, (_, n) => [`other-${9 - n}`, `own-${9 - n}`]).flat();
    expect(requests).toEqual([...newest, "req-6", "req-6"]);
    expect(entries).toBe(371);
  });

  test("reads no entry that is not the actor's: an index leads to each way of having a part", async () => {
    await db.client.query(`
      INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, user_id, metadata)
      SELECT now() - make_interval(secs => n), n, pg_current_xact_id(), 'login', 'u-' || n % 500,
             CASE WHEN n % 3 = 0 THEN jsonb_build_object('impersonator', 'staff-' || n % 20) ELSE '{}' END
        FROM generate_series(1, 30000) AS n`);
    await db.client.query("SELECT caretaker.index_staged(1000)");
    await db.client.query("ANALYZE caretaker.audit_logs");
    const questions: Pick<Question, "terms" | "ways">[] = [
      ...["staff-3", "u-7", "nobody"].map((id) => ({ terms: [], ways: actorWays(id, true) })),
      { terms: [is("impersonator", "staff-3")] },
      { terms: [is("impersonator", "staff-3", "nobody")] },
    ];
    for (const question of questions) {
      const values = new Values();
      const sql = newestSql(values, { ...question, position: null, limit: 301, window: allTime });
      const { rows } = await db.client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values.list);
      const scans = scansIn(rows[0]?.["QUERY PLAN"][0].Plan);
      expect(scans.filter(({ removed }) => removed > 0)).toEqual([]);
      expect(Math.max(...scans.map(({ rows: read }) => read))).toBeLessThanOrEqual(500);
    }
  });

  test("says where it can not tell what was done in other names, and tells the rest", async () => {
    await db.client.query("DROP INDEX caretaker.audit_logs_impersonator_idx");
    const grace = await actorActivity(actor, "1");
    expect(grace.unindexed).toHaveLength(1);
    expect(told(grace, "1").map(([sentence]) => sentence)).not.toContain("Grace as Alan created 2 notes");
    expect(grace.rows).toHaveLength(3);
  });
});

interface Node {
  "Node Type": string;
  "Actual Rows": number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
}

/** What each node that reads the log read, and read in vain. */
function scansIn(node: Node): { rows: number; removed: number }[] {
  const own = node["Node Type"].includes("Scan")
    ? [{ rows: node["Actual Rows"], removed: node["Rows Removed by Filter"] ?? 0 }]
    : [];
  return [...own, ...(node.Plans ?? []).flatMap(scansIn)];
}
