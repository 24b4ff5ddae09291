import pg from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Capability } from "#db/capabilities.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { databaseJobs } from "#db/databases/jobs.ts";
import { work } from "#db/jobs/work.ts";
import { readInvitation } from "#db/staff/join.ts";
import { freshControl, freshDatabase } from "#db/testing/databases.ts";
import { person } from "#db/testing/people.ts";
import { listCommands } from "./commands.ts";
import { caretaker, json, tokenOf } from "./testing/caretaker.ts";

// Every test runs the command as a user does, through bin/caretaker, against a control database of its own.

// Each command is a process of its own.
const patient = { timeout: 240_000 };
let managed: URL;

beforeAll(async () => {
  await freshControl();
  managed = new URL(await freshDatabase());
  const client = new pg.Client(managed.href);
  await client.connect();
  await client.query(`
    CREATE TABLE accounts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, slug text UNIQUE);
    CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id uuid NOT NULL REFERENCES accounts, text text)`);
  await client.end();
});

afterAll(closeControl);

const administrating: Capability[] = [
  "tenants.read",
  "tenants.write",
  "databases.read",
  "databases.manage",
  "audit.read",
  "jobs.read",
];

test("a whole adoption runs from the command line: server, model, plan, apply, tenant, audit", patient, async () => {
  const link = await json(z.object({ url: z.url(), expiresAt: z.string() }), ["setup", "link"]);
  expect(link.url).toMatch(/\/join\/./);

  const token = await tokenOf("administrator", administrating);
  const server = [
    "servers",
    "add",
    "main",
    "--host",
    managed.hostname,
    "--port",
    managed.port,
    "--user",
    managed.username,
  ];
  await json(z.object({ id: z.uuid() }), [...server, "--tls", "disable"], {
    token,
    stdin: decodeURIComponent(managed.password),
  });
  const name = managed.pathname.slice(1);
  await json(z.object({ databaseId: z.uuid() }), ["adopt", "add", name, "--server", "main"], { token });
  const model = await json(
    z.object({ tenantsTable: z.object({ table: z.string() }) }),
    ["adopt", "model", name, "--confirm"],
    { token },
  );
  expect(model.tenantsTable.table).toBe("accounts");

  const stale = await caretaker(["adopt", "apply", name, "--plan", "0".repeat(64), "--no-wait"], { token });
  expect(stale.code).toBe(5);

  const plan = await json(z.object({ hash: z.string(), statements: z.array(z.unknown()) }), ["adopt", "plan", name], {
    token,
  });
  expect(plan.statements.length).toBeGreaterThan(0);
  const worker = work(databaseJobs, { log: pino({ enabled: false }) });
  const applied = await caretaker(["adopt", "apply", name, "--plan", plan.hash, "--reason", "first"], { token });
  await worker.stop();
  expect(applied).toMatchObject({ code: 0, stdout: "Adopted.\n" });

  const status = await json(z.object({ state: z.string() }), ["adopt", "status", name], { token });
  expect(status.state).toBe("adopted");

  const rotated = ["servers", "change", "main"];
  const elsewhere = await caretaker([...rotated, "--port", "1"], { token, stdin: "no matter" });
  expect(elsewhere.code).toBe(6);
  const reached = z.object({ port: z.number(), username: z.string() });
  expect(await json(reached, rotated, { token, stdin: decodeURIComponent(managed.password) })).toEqual({
    port: Number(managed.port),
    username: decodeURIComponent(managed.username),
  });

  const created = await json(
    z.object({ tenantId: z.uuid(), slug: z.null() }),
    ["tenants", "create", "Acme", "--database", name],
    { token },
  );
  const list = await json(
    z.object({ rows: z.array(z.object({ id: z.string() })), total: z.object({ count: z.number() }) }),
    ["tenants", "list", "--search", "acm"],
    { token },
  );
  expect(list).toMatchObject({ rows: [{ id: created.tenantId }], total: { count: 1 } });
  const shown = await caretaker(["tenants", "show", created.tenantId], { token });
  expect(shown.stdout).toContain("Acme");

  const found = await json(
    z.object({ rows: z.array(z.object({ sentence: z.string() })) }),
    ["audit", "search", "--database", name],
    { token },
  );
  expect(found.rows[0]?.sentence).toContain("administrator");

  const covered = await caretaker(["audit", "coverage", name], { token });
  expect(covered).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Every write to 2 of 2 tables is recorded"),
  });
  const own = await json(
    z.object({ tables: z.array(z.object({ name: z.string(), state: z.string() })) }),
    ["audit", "coverage", "console"],
    { token },
  );
  expect(own.tables).toContainEqual({ name: "staff", state: "recorded" });

  const words = ["--typed", "Acme", "--reason", "unpaid", "--json"];
  const suspend = await caretaker(["tenants", "suspend", created.tenantId, ...words], { token });
  expect(suspend.code).toBe(3);
  expect(JSON.parse(suspend.stderr)).toMatchObject({ ok: false, code: "reauthentication" });
});

test("the exit code says what went wrong", patient, async () => {
  const token = await tokenOf("support", ["tenants.read", "databases.read", "audit.read"]);
  const cases: [string[], number][] = [
    [["no", "such"], 2],
    [["tenants", "list", "--colour"], 2],
    [["tenants", "list", "--order", "weight"], 2],
    [["audit", "search", "--from", "yesterday"], 2],
    [["tenants", "show", "nobody"], 4],
    [["servers", "add", "x", "--host", "localhost", "--user", "x"], 3],
    [["keys", "rotate"], 3],
  ];
  await Promise.all(
    cases.map(async ([args, code]) => expect([args, (await caretaker(args, { token })).code]).toEqual([args, code])),
  );
  const list = async (more: Parameters<typeof caretaker>[1]) => (await caretaker(["tenants", "list"], more)).code;
  const nowhere = { token, env: { DATABASE_URL: "postgres://x@127.0.0.1:1/x" } };
  expect(await Promise.all([list({}), list({ token: "caretaker_wrong" }), list(nowhere)])).toEqual([3, 3, 6]);
});

test(
  "on the server itself, and without a token, somebody locked out gets a link that keeps their role",
  patient,
  async () => {
    const { id } = await person("administrator", "Ada");
    const { email } = (await controlPool().query("SELECT email FROM staff WHERE id = $1", [id])).rows[0];
    const { url } = await json(z.object({ url: z.url() }), ["setup", "password", email]);
    const invitation = await readInvitation(new URL(url).pathname.split("/").at(-1) ?? "");
    expect(invitation).toMatchObject({ email, account: "Ada", role: "administrator" });
    expect((await caretaker(["setup", "password", "nobody@example.com"])).code).toBe(4);
    const token = await tokenOf("administrator", ["staff.manage"]);
    expect((await caretaker(["setup", "password", email], { token })).code).toBe(3);
  },
);

test("a token's scope narrows its person's role", patient, async () => {
  const token = await tokenOf("administrator", ["tenants.read"]);
  expect((await caretaker(["tenants", "list"], { token })).code).toBe(0);
  expect((await caretaker(["servers", "list"], { token })).code).toBe(3);
});

test("every command explains itself, without any database", patient, async () => {
  const nowhere = { env: { DATABASE_URL: "" } };
  const all = await caretaker(["help"], nowhere);
  for (const { name } of await listCommands()) expect(all.stdout).toContain(name);
  const one = await caretaker(["tenants", "suspend", "--help"], nowhere);
  expect(one).toMatchObject({ code: 0 });
  expect(one.stdout).toContain("--reason TEXT");
  const some = await caretaker(["moves", "--help"], nowhere);
  expect(some).toMatchObject({ code: 0 });
  expect(some.stdout).toContain("moves start");
  expect(some.stdout).not.toContain("tenants suspend");
});
