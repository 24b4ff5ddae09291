import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "../../actor.ts";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { freshControl } from "../../testing/databases.ts";
import { person } from "../../testing/people.ts";
import type { CheckReport, Finding } from "./contract.ts";
import type { Planted } from "./testing/design.ts";
import { build, check, run, words } from "./testing/design.ts";
import { planted } from "./testing/planted.ts";
import { tables } from "./testing/tables.ts";
import { tight } from "./testing/tight.ts";

let administrator: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

/** A leak is one finding a cause, which names all its verbs. */
function findingOf({ findings }: CheckReport, { kind, name }: Planted["finds"]): Finding | undefined {
  const verb = kind.replace(/^leak by /, "");
  return findings.find(
    (one) =>
      one.name === name &&
      (one.kind === kind ||
        (verb !== kind &&
          one.kind
            .replace(/^leak by /, "")
            .split(", ")
            .includes(verb))),
  );
}

describe("a planted leak is found and named", () => {
  for (const design of planted) {
    test(design.name, async () => {
      const built = await build(administrator, design);
      const report = await check(built);
      const found = findingOf(report, design.finds);
      expect(found, words(report).join("\n")).toBeDefined();
      if (design.byHand) return;
      // What is offered to mend it does.
      for (const sql of (found?.mends ?? "").split(/;\n|;$/)) await run(built.url, sql);
      const after = await check(built);
      expect(findingOf(after, design.finds)).toBeUndefined();
    });
  }
});

test("a check changes nothing: no row, no sequence, no entry, no notification, and no lock stays", async () => {
  const built = await build(administrator, {
    name: "leaking",
    sql: `${tables}
      CREATE TABLE log (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN INSERT INTO public.log (what) VALUES (TG_OP); PERFORM pg_notify('written', TG_OP); RETURN NULL; END $$;
      CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON tasks FOR EACH STATEMENT EXECUTE FUNCTION note();
      CREATE POLICY all_of_it ON tasks USING (true) WITH CHECK (true); ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
      CREATE FUNCTION purge() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'DELETE FROM tasks RETURNING 1';`,
  });
  const heard: string[] = [];
  const listener = new pg.Client(built.url);
  await listener.connect();
  listener.on("notification", ({ payload }) => heard.push(payload ?? ""));
  await listener.query("LISTEN written");
  const before = await stateOf(built.url);
  const report = await check(built);
  const verbs = report.relations
    .find(({ name }) => name === "tasks")
    ?.attempts.filter(({ outcome }) => outcome === "leaked");
  expect(verbs?.map(({ verb }) => verb)).toEqual(
    expect.arrayContaining(["select", "update", "delete", "insert", "move"]),
  );
  expect(await stateOf(built.url)).toEqual(before);
  await listener.query("SELECT 1");
  expect(heard).toEqual([]);
  const { rows } = await listener.query("SELECT FROM pg_locks WHERE relation = 'tasks'::regclass");
  expect(rows).toEqual([]);
  await listener.end();
});

test("an attempt that would wait for a lock gives up, and is not taken for proof", async () => {
  const design = planted.find(({ name }) => name.startsWith("an update policy"));
  const built = await build(administrator, design ?? { name: "", sql: "" });
  const other = new pg.Client(built.url);
  await other.connect();
  await other.query("BEGIN; SELECT FROM tasks FOR UPDATE");
  const held = await check(built);
  const update = held.relations.find(({ name }) => name === "tasks")?.attempts.filter(({ verb }) => verb === "update");
  expect(update?.map(({ outcome }) => outcome)).toContain("unproven");
  await other.query("COMMIT; BEGIN; LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE");
  await expect(check(built)).rejects.toMatchObject({ code: "timeout" });
  await other.query("ROLLBACK");
  await other.end();
});

/** Every row of every table, and where every sequence stands. */
async function stateOf(url: string): Promise<unknown> {
  const relations = await run(
    url,
    "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace ORDER BY 1",
  );
  return Promise.all(relations.map(({ name }) => run(url, `SELECT * FROM ${String(name)} ORDER BY 1`)));
}

describe("a tight design raises no alarm", () => {
  for (const design of tight) {
    test(design.name, async () => {
      const built = await build(administrator, design);
      const report = await check(built);
      expect(words(report)).toEqual([]);
      const states = report.relations.map(
        ({ schema, name, verdict, detail }) => `${schema}.${name} ${verdict}: ${detail}`,
      );
      expect(states.filter((line) => / (leaks|unproven): /.test(line))).toEqual([]);
      expect(states.length).toBeGreaterThan(1);
    });
  }
});
