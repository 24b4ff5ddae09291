import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNoise } from "../../audit/noise.ts";
import { closeControl } from "../../control.ts";
import { closeFleet, consoleDatabase } from "../../fleet.ts";
import { auditedSince, newestEntry } from "../../testing/audit.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { applyAdoption } from "../apply.ts";
import { planAdoption } from "../plan.ts";
import { adopt, foreignDatabase, query } from "../testing/fleet.ts";
import { classifyColumns } from "./classify-columns.ts";
import { leaveOutColumns } from "./leave-out.ts";
import { readCoverage } from "./tables.ts";

let ada: Person;
let sam: Person;
let url: string;
let databaseId: string;

beforeAll(async () => {
  await freshControl();
  ada = await person("administrator", "Ada");
  sam = await person("support", "Sam");
  ({ url, databaseId } = await foreignDatabase(`
    CREATE TABLE tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
    CREATE TABLE users (id bigint PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, name text, email text, password_hash text,
      logins integer, ip inet, about text, amount numeric(10,2), deleted_at timestamptz, updated_at timestamptz);
    CREATE TABLE docs (id bigint PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, title text, status text, lock_version integer, touched_at timestamptz);
    CREATE TABLE parted (id bigint, tenant_id uuid NOT NULL REFERENCES tenants, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');
    CREATE TABLE scratch (id bigint PRIMARY KEY, note text);
    CREATE TABLE schema_migrations (version text PRIMARY KEY);
    INSERT INTO tenants (name) VALUES ('acme');`));
  await adopt(ada.actor, databaseId, (model) => ({
    ...model,
    tables: model.tables.map((table) => ({
      ...table,
      audited: table.audited && table.name !== "scratch",
      ignoredColumns: [],
    })),
  }));
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function table(name: string) {
  const found = (await readCoverage(sam.actor, databaseId)).find((one) => one.name === name);
  if (!found) throw new Error(`No table ${name}.`);
  return found;
}

const reapply = async () => {
  const { hash } = await planAdoption(ada.actor, databaseId);
  await applyAdoption(ada.actor, { databaseId, planHash: hash });
};

describe("coverage says of every table whether its writes are recorded, and why not", () => {
  test("recorded, or left out by somebody or for what it is", async () => {
    expect(await table("docs")).toMatchObject({ state: "recorded", masked: [] });
    expect(await table("parted")).toMatchObject({ state: "recorded" });
    expect(await table("scratch")).toMatchObject({ state: "left_out", why: expect.stringMatching(/administrator/) });
    expect(await table("schema_migrations")).toMatchObject({ state: "left_out" });
  });

  test("a trigger that was switched off or dropped, also on a partition", async () => {
    await query(url, "ALTER TABLE docs DISABLE TRIGGER caretaker_update");
    await query(url, "DROP TRIGGER caretaker_delete ON parted_1");
    expect(await table("docs")).toMatchObject({ state: "off", why: expect.stringMatching(/update are switched off/) });
    expect(await table("parted")).toMatchObject({
      state: "off",
      why: expect.stringMatching(/delete are missing.*parted_1/),
    });
    await reapply();
    expect([(await table("docs")).state, (await table("parted")).state]).toEqual(["recorded", "recorded"]);
  });

  test("a column that came since, and a table that nobody has decided about, worst first", async () => {
    await query(url, "ALTER TABLE docs ADD COLUMN subtitle text; CREATE TABLE letters (id bigint PRIMARY KEY)");
    const states = (await readCoverage(ada.actor, databaseId)).map(({ name, state }) => [name, state]);
    expect(states.slice(0, 2)).toEqual([
      ["letters", "new"],
      ["docs", "drifted"],
    ]);
    await query(url, "DROP TABLE letters");
    await reapply();
  });

  test("the console's own tables too", async () => {
    const states = new Map((await readCoverage(sam.actor, consoleDatabase)).map(({ name, state }) => [name, state]));
    expect(states.get("staff")).toBe("recorded");
    expect(states.get("health_samples")).toBe("left_out");
  });
});

describe("columns of which nobody has said what they hold", () => {
  test("are listed with what their name suggests; keys, references, masked columns and tenants are not", async () => {
    const { unclassified } = await table("users");
    expect(unclassified.map(({ name, suggested }) => [name, suggested])).toEqual([
      ["name", "personal"],
      ["email", "personal"],
      ["logins", "plain"],
      ["ip", "personal"],
      ["about", "plain"],
      ["amount", "plain"],
      ["updated_at", "plain"],
    ]);
  });

  test("leave the list when somebody says it, and a secret is masked by the next plan", async () => {
    const before = await newestEntry();
    const about = { schema: "public", table: "users", column: "about" };
    const email = { schema: "public", table: "users", column: "email" };
    const columns = [
      { ...about, class: "secret" as const },
      { ...email, class: "personal" as const },
    ];
    expect(await classifyColumns(ada.actor, { databaseId, columns })).toEqual({ secrets: 1 });
    expect(await table("users")).toMatchObject({
      state: "drifted",
      masked: expect.arrayContaining(["about", "password_hash"]),
    });
    expect((await table("users")).unclassified.map(({ name }) => name)).not.toContain("email");
    const acts = (await auditedSince(before)).filter(({ table }) => table === "column_classes");
    expect(acts).toEqual([
      { action: "create", table: "column_classes", by: ada.id },
      { action: "create", table: "column_classes", by: ada.id },
    ]);
    await reapply();
    await query(url, "INSERT INTO users (id, tenant_id, about) SELECT 1, id, 'hidden' FROM tenants");
    const [entry] = await query<{ about: string }>(
      url,
      "SELECT new_values ->> 'about' AS about FROM caretaker.audit_logs WHERE resource_type = 'users' AND action = 'create'",
    );
    expect(entry?.about).toMatch(/^masked:/);

    await classifyColumns(ada.actor, { databaseId, columns: [{ ...about, class: "plain" }] });
    expect((await table("users")).masked).not.toContain("about");
    await reapply();
  });

  test("are classified by nobody who may not manage databases, and only where they exist", async () => {
    const columns = [{ schema: "public", table: "users", column: "email", class: "plain" as const }];
    await expect(classifyColumns(sam.actor, { databaseId, columns })).rejects.toMatchObject({ code: "forbidden" });
    const wrong = [{ schema: "public", table: "users", column: "nothing", class: "plain" as const }];
    await expect(classifyColumns(ada.actor, { databaseId, columns: wrong })).rejects.toMatchObject({ code: "invalid" });
    const key = [{ schema: "public", table: "users", column: "id", class: "secret" as const }];
    await expect(classifyColumns(ada.actor, { databaseId, columns: key })).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("a table that each tenant has in a schema of its own", () => {
  test("is classified once, and masked in every copy, also in one that came later", async () => {
    const schemas = ["t_1", "t_2", "t_3"];
    const own = await foreignDatabase(
      `CREATE TABLE tenants (id text PRIMARY KEY, name text NOT NULL, schema_name text);
       ${schemas.map((name) => `CREATE SCHEMA ${name}; CREATE TABLE ${name}.notes (id bigint PRIMARY KEY, body text, remark text);`).join("\n")}`,
    );
    const keep = (model: Parameters<NonNullable<Parameters<typeof adopt>[2]>>[0], count: number) => ({
      ...model,
      tables: model.tables
        .filter(({ schema }) => schema === "public" || schemas.slice(0, count).includes(schema))
        .map((one) =>
          one.name === "notes" ? { ...one, class: "reference" as const, tenantPath: [], audited: true } : one,
        ),
    });
    await adopt(ada.actor, own.databaseId, (model) => keep(model, 2));
    const waiting = async () =>
      (await readCoverage(ada.actor, own.databaseId))
        .filter(({ name }) => name === "notes")
        .map(({ schema, masked, unclassified }) => [
          schema,
          masked,
          unclassified.map(({ name, suggested }) => `${name} ${suggested}`),
        ])
        .sort();
    expect(await waiting()).toEqual([
      ["t_1", [], ["body plain", "remark plain"]],
      ["t_2", [], []],
      ["t_3", [], []],
    ]);
    const named = { schema: "t_1", table: "notes" };
    const columns = [
      { ...named, column: "body", class: "secret" as const },
      { ...named, column: "remark", class: "plain" as const },
    ];
    await classifyColumns(ada.actor, { databaseId: own.databaseId, columns });
    expect(await waiting()).toEqual([
      ["t_1", ["body"], []],
      ["t_2", ["body"], []],
      ["t_3", [], []],
    ]);
    await adopt(ada.actor, own.databaseId, (model) => {
      const wider = keep(model, 3);
      return {
        ...wider,
        tables: wider.tables.map((one) =>
          ["t_1", "t_2"].includes(one.schema) ? { ...one, maskedColumns: ["body"] } : one,
        ),
      };
    });
    expect(await waiting()).toEqual([
      ["t_1", ["body"], []],
      ["t_2", ["body"], []],
      ["t_3", [], ["body secret"]],
    ]);
  });
});

describe("noise", () => {
  const docs = [{ schema: "public", name: "docs" }];

  test("is what the log itself shows: bookkeeping that changes with nearly every update, never a status", async () => {
    await query(
      url,
      "INSERT INTO docs (id, tenant_id, status, lock_version) SELECT i, t.id, 'new', 0 FROM tenants t, generate_series(1, 40) AS i",
    );
    expect(await readNoise(sam.actor, databaseId, docs)).toEqual([]);
    await query(url, "UPDATE docs SET status = 's' || id, touched_at = now(), lock_version = lock_version + 1");
    await query(url, "UPDATE docs SET touched_at = now() WHERE id <= 20");
    const noise = await readNoise(sam.actor, databaseId, docs);
    expect(noise).toEqual([
      {
        schema: "public",
        table: "docs",
        column: "touched_at",
        type: "timestamp with time zone",
        updates: 60,
        changed: 60,
        alone: 20,
      },
    ]);
  });

  test("is left out through the model and its plan, after which it makes no entry", async () => {
    const columns = [{ schema: "public", table: "docs", column: "touched_at" }];
    await expect(leaveOutColumns(sam.actor, { databaseId, columns })).rejects.toMatchObject({ code: "forbidden" });
    const before = await newestEntry();
    await leaveOutColumns(ada.actor, { databaseId, columns });
    expect(await auditedSince(before)).toEqual([{ action: "update", table: "managed_tables", by: ada.id }]);
    expect(await table("docs")).toMatchObject({ state: "drifted", ignored: ["touched_at"] });
    await reapply();
    await query(url, "UPDATE docs SET touched_at = now() + interval '1 hour'");
    const [count] = await query<{ n: number }>(
      url,
      "SELECT count(*)::int AS n FROM caretaker.audit_logs WHERE resource_type = 'docs' AND action = 'update'",
    );
    expect(count?.n).toBe(60);
    await leaveOutColumns(ada.actor, { databaseId, columns });
    expect((await table("docs")).ignored).toEqual(["touched_at"]);
  });
});
