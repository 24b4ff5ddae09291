import { readFileSync } from "node:fs";
import fc from "fast-check";
import pg from "pg";
import { expect, test } from "vitest";
import { freshDatabase } from "../../testing/databases.ts";
import { identifier } from "../statement.ts";
import type { Definition } from "./definition.ts";
import { readDestination } from "./destination.ts";
import { definitionFingerprint, definitionLines } from "./fingerprint.ts";
import { readDefinition } from "./read.ts";
import { type DefinitionTarget, definitionStatements } from "./statements.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const everything = read("everything.sql");
const rentalStore = read("../../../e2e/schemas/rental-store.sql");
const signing = read("../../../e2e/schemas/signing.sql");

async function open(sql: string): Promise<pg.Client> {
  const client = new pg.Client(await freshDatabase());
  await client.connect();
  await client.query(sql);
  await client.query("SET search_path = pg_catalog");
  return client;
}

async function tablesOf(client: pg.Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1",
    [identifier(schema)],
  );
  return rows.map((row) => row.name);
}

async function define(client: pg.Client, schema: string, tables: string[]): Promise<Definition> {
  await client.query("BEGIN READ ONLY");
  const definition = await readDefinition(client, { schema, tables });
  await client.query("COMMIT");
  return definition;
}

/** Makes a definition in a target and reads it back from there. */
async function carry(
  definition: Definition,
  to: pg.Client,
  target: Pick<DefinitionTarget, "schema" | "elsewhere"> & Partial<DefinitionTarget>,
  proven: "at once" | "apart" = "at once",
): Promise<Definition> {
  const plan = definitionStatements(definition, {
    sequences: "own",
    tenant: null,
    destination: await readDestination(to),
    ...target,
  });
  expect(plan.problems.filter((problem) => problem.severity === "blocking")).toEqual([]);
  await to.query("BEGIN");
  const foreignKeys = proven === "apart" ? [...plan.unproven, ...plan.proofs] : plan.foreignKeys;
  for (const { sql } of [...plan.before, ...plan.keys, ...foreignKeys, ...plan.after])
    await to.query(sql).catch((error: Error) => Promise.reject(new Error(`${error.message}\n${sql}`)));
  await to.query("COMMIT");
  return await define(
    to,
    target.schema,
    definition.tables.filter((table) => table.parent === null).map((table) => table.name),
  );
}

async function references(client: pg.Client, schema: string, to: string): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid) || ' needs ' || pg_describe_object(d.refclassid, d.refobjid, 0) AS line
       FROM pg_depend d
       JOIN pg_class r ON d.refclassid = 'pg_class'::regclass AND r.oid = d.refobjid AND r.relnamespace = $2::text::regnamespace
      WHERE pg_describe_object(d.classid, d.objid, d.objsubid) LIKE '%' || $1 || '.%'`,
    [schema, identifier(to)],
  );
  return rows.map((row) => row.line);
}

const none = { elsewhere: false, tenantColumns: [] };

test("everything a table can have is the same in another schema of its database, and nothing there reaches back", async () => {
  const client = await open(everything);
  const tables = (await tablesOf(client, "public")).filter((name) => name !== "countries");
  const source = await define(client, "public", tables);
  const target = await carry(source, client, { schema: "t_1", elsewhere: false });
  expect(definitionLines(target, none)).toEqual(definitionLines(source, none));
  expect(definitionFingerprint(target, none)).toBe(definitionFingerprint(source, none));
  const back = await references(client, "t_1", "public");
  expect(back.filter((line) => !/needs (table|index) public\.countries/.test(line))).toEqual([]);
  expect(back.length).toBeGreaterThan(0);
  await client.end();
});

test("everything a table can have is the same in another database, under the same schema and under another", async () => {
  const client = await open(everything);
  const source = await define(client, "public", await tablesOf(client, "public"));
  const elsewhere = { elsewhere: true, tenantColumns: [] };
  for (const schema of ["public", "t_ö \"1'"]) {
    const other = await open("");
    const target = await carry(source, other, { schema, elsewhere: true });
    expect(definitionLines(target, elsewhere)).toEqual(definitionLines(source, elsewhere));
    if (schema !== "public") {
      const { rows } = await other.query(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION SELECT typname FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')",
      );
      expect(rows).toEqual([]);
    }
    await other.end();
  }
  await client.end();
});

test.each([
  ["the rental store", rentalStore],
  ["the signing service", signing],
])(
  "%s is carried into a schema and into a database",
  async (_name, sql) => {
    const client = await open(sql);
    const source = await define(client, "public", await tablesOf(client, "public"));
    const inSchema = await carry(source, client, { schema: "t_1", elsewhere: false });
    expect(definitionLines(inSchema, none)).toEqual(definitionLines(source, none));
    const other = await open("");
    const { rows: beside } = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = 'catalogue'");
    if (beside.length > 0) {
      const catalogue = await define(client, "catalogue", await tablesOf(client, "catalogue"));
      await carry(catalogue, other, { schema: "catalogue", elsewhere: true });
    }
    const inDatabase = await carry(source, other, { schema: "public", elsewhere: true });
    const elsewhere = { elsewhere: true, tenantColumns: [] };
    expect(definitionLines(inDatabase, elsewhere)).toEqual(definitionLines(source, elsewhere));
    await other.end();
    await client.end();
  },
  60_000,
);

test("foreign keys that are proven after they are made end as the original's", async () => {
  const client = await open(`
    CREATE TABLE parents (id int PRIMARY KEY, above int REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE "Kids" (id int PRIMARY KEY, parent int REFERENCES parents ON DELETE SET NULL, "Other" int);
    ALTER TABLE "Kids" ADD CONSTRAINT never FOREIGN KEY ("Other") REFERENCES parents NOT VALID;
    INSERT INTO parents VALUES (1, 1)`);
  const source = await define(client, "public", await tablesOf(client, "public"));
  const target = await carry(source, client, { schema: "t_1", elsewhere: false }, "apart");
  expect(definitionLines(target, none)).toEqual(definitionLines(source, none));
  expect(definitionFingerprint(target, none)).toBe(definitionFingerprint(source, none));
  const never = "SELECT conname FROM pg_constraint WHERE connamespace = 't_1'::regnamespace AND NOT convalidated";
  expect((await client.query(never)).rows).toEqual([{ conname: "never" }]);
  await client.end();
});

test("the tenant's key gets a default and a check, and the rest stays as it was", async () => {
  const client = await open(everything);
  const source = await define(client, "public", ["orders", "payments", "public"]);
  const columns = ["orders", "payments"].map((table) => ({ table, column: "tenant_id" }));
  const target = await carry(source, client, { schema: "t_7", elsewhere: false, tenant: { key: "7", columns } });
  const options = { elsewhere: false, tenantColumns: columns };
  expect(definitionLines(target, options)).toEqual(definitionLines(source, options));
  expect(definitionFingerprint(target, none)).not.toBe(definitionFingerprint(source, none));
  await client.query("INSERT INTO t_7.payments (paid_at) VALUES ('2025-05-05')");
  await expect(client.query("INSERT INTO t_7.payments (tenant_id, paid_at) VALUES (8, '2025-05-05')")).rejects.toThrow(
    "caretaker_tenant_key",
  );
  await client.end();
});

test("serial columns go on drawing from the shared sequence where that is asked for", async () => {
  const client = await open(everything);
  const source = await define(client, "public", ["orders", "public"]);
  await carry(source, client, { schema: "t_1", elsewhere: false, sequences: "shared" });
  await client.query("INSERT INTO public.countries VALUES ('fi', 'Finland')");
  await client.query("INSERT INTO public.orders (tenant_id, home) VALUES (1, NULL)");
  const { rows } = await client.query("INSERT INTO t_1.orders (tenant_id) VALUES (1) RETURNING id");
  expect(rows).toEqual([{ id: "2" }]);
  await client.end();
});

test("what cannot be carried is named, and never left out in silence", async () => {
  const client = await open(`
    CREATE TABLE base (id integer PRIMARY KEY, tenant_id bigint);
    CREATE TABLE heir (more text) INHERITS (base);
    CREATE TABLE ruled (id integer);
    CREATE RULE nothing AS ON DELETE TO ruled DO INSTEAD NOTHING;
    CREATE SEQUENCE late;
    CREATE TABLE lately (id integer DEFAULT nextval('late'::text));
    CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.base VALUES (1); RETURN new; END $$;
    CREATE TABLE logged (id integer PRIMARY KEY);
    CREATE TRIGGER log AFTER INSERT ON logged FOR EACH ROW EXECUTE FUNCTION log();
    CREATE TABLE child (id integer REFERENCES logged);`);
  const source = await define(client, "public", ["base", "heir", "ruled", "lately", "logged", "gone"]);
  const { problems } = definitionStatements(source, {
    schema: "t_1",
    elsewhere: false,
    sequences: "own",
    tenant: null,
    destination: await readDestination(client),
  });
  expect(problems.map(({ code, subject }) => `${code} ${subject}`).sort()).toEqual([
    "body_names_schema function public.log",
    "inherits public.base",
    "inherits public.heir",
    "late_sequence public.lately.id",
    "missing_table public.gone",
    "rules public.ruled",
  ]);
  const other = await open("");
  const child = definitionStatements(await define(client, "public", ["child"]), {
    schema: "public",
    elsewhere: true,
    sequences: "own",
    tenant: null,
    destination: await readDestination(other),
  });
  expect(child.problems).toEqual([expect.objectContaining({ code: "missing_table", severity: "blocking" })]);
  // As a server is where the extension's package was never installed.
  await client.query(
    "CREATE EXTENSION citext SCHEMA public; CREATE TABLE public.mails (id integer PRIMARY KEY, mail public.citext)",
  );
  const bare = await readDestination(other);
  const mails = definitionStatements(await define(client, "public", ["mails"]), {
    schema: "public",
    elsewhere: true,
    sequences: "own",
    tenant: null,
    destination: { ...bare, extensions: new Set([...bare.extensions].filter((name) => name !== "citext")) },
  });
  expect(mails.problems).toEqual([
    expect.objectContaining({ code: "missing_extension", severity: "blocking", subject: "extension citext" }),
  ]);
  await other.end();
  await client.end();
});

test("any names that PostgreSQL takes are carried", async () => {
  const name = fc
    .oneof(
      fc.constantFrom(
        `a"b`,
        "a'b",
        "$$",
        "on",
        "select",
        "public",
        "a.b",
        "OPERATOR",
        "pg_catalog",
        "x y",
        "é",
        "-- x",
      ),
      fc.string({ minLength: 1, maxLength: 12, unit: "binary" }),
    )
    // Two of them and a dot make the label of an enum, which PostgreSQL takes up to 63 bytes.
    .filter(
      (one) => !one.includes("\u0000") && one.isWellFormed() && Buffer.byteLength(one) <= 31 && !/^pg_/.test(one),
    );
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { minLength: 6, maxLength: 6 }),
      async ([schema = "", table = "", child = "", column = "", type = "", index = ""]) => {
        if (["information_schema", "caretaker"].includes(schema) || /^pg_/.test(schema)) return;
        const q = identifier;
        const at = (one: string): string => `${q(schema)}.${q(one)}`;
        const client = await open(`CREATE SCHEMA IF NOT EXISTS ${q(schema)};
          CREATE TYPE ${at(type)} AS ENUM (${pg.escapeLiteral(`${schema}.${table}`)}, 'b');
          CREATE TABLE ${at(table)} (${q(column)} serial PRIMARY KEY, ${q(type)} ${at(type)} DEFAULT 'b', ${q(index)} text CHECK (${q(index)} <> ${pg.escapeLiteral(`${q(schema)}.${q(table)}`)}));
          CREATE TABLE ${at(child)} (${q(column)} integer REFERENCES ${at(table)}, ${q(table)} ${at(table)});
          CREATE INDEX ${q(index)} ON ${at(table)} ((${q(index)} || 'x')) WHERE ${q(type)} <> 'b';
          CREATE POLICY ${q(index)} ON ${at(child)} USING (EXISTS (SELECT FROM ${at(table)} WHERE ${at(table)}.${q(column)} = ${at(child)}.${q(column)}));
          CREATE VIEW ${at("v")} AS SELECT ${q(table)}.* FROM ${at(table)};`);
        const source = await define(client, schema, [table, child]);
        const target = await carry(source, client, { schema: "t_1", elsewhere: false });
        expect(definitionLines(target, none)).toEqual(definitionLines(source, none));
        const back = await references(client, "t_1", schema);
        expect(back).toEqual([]);
        await client.end();
      },
    ),
    { numRuns: 15, endOnFailure: true },
  );
});

test("140 tables are read, made and read again", async () => {
  const ddl = Array.from({ length: 140 }, (_, n) => {
    const parent = n === 0 ? "" : `, parent_id bigint REFERENCES t${n - 1}`;
    return `CREATE TABLE t${n} (id bigserial PRIMARY KEY, tenant_id bigint NOT NULL, name text, made_at timestamptz DEFAULT now()${parent});
            CREATE INDEX ON t${n} (tenant_id, made_at); CREATE INDEX ON t${n} (lower(name)) WHERE name IS NOT NULL;`;
  });
  const client = await open(ddl.join("\n"));
  const source = await define(client, "public", await tablesOf(client, "public"));
  const target = await carry(source, client, { schema: "t_1", elsewhere: false });
  expect(definitionFingerprint(target, none)).toBe(definitionFingerprint(source, none));
  await client.end();
});
