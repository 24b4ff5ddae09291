import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sql as drizzleSql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logEvent as logWithDrizzle } from "../../../docs/examples/events-drizzle.ts";
import { reportEvents } from "../../../docs/examples/events-http.ts";
import { logEvent as logWithNodePostgres } from "../../../docs/examples/events-node-postgres.ts";
import { logEvent as logWithPostgresJs } from "../../../docs/examples/events-postgres-js.ts";
import { acting } from "../../../docs/examples/node-postgres.ts";
import { acting as actingWithPostgresJs } from "../../../docs/examples/postgres-js.ts";
import { CapturedDatabase } from "../../managed/testing/captured.ts";

// The examples of docs/audit.md, "Events", as an application without any rights in the log runs them.

let db: CapturedDatabase;
let url: string;
let pool: pg.Pool;

beforeAll(async () => {
  db = await CapturedDatabase.make("CREATE TABLE users (id integer PRIMARY KEY)");
  const { client } = await db.newRole();
  const made = new URL(db.url);
  made.username = client.user ?? "";
  made.password = String(client.password);
  url = made.href;
  pool = new pg.Pool({ connectionString: url, max: 1 });
});

afterAll(async () => {
  await pool.end();
  await db.close();
});

const who = { userId: "u-1", tenantId: "acme", ip: "203.0.113.9", requestId: "r-1" };

async function newest() {
  const { rows } = await db.client.query(
    `SELECT action, user_id, tenant_id, resource_type, resource_id, metadata FROM caretaker.audit_logs ORDER BY created_at DESC, id DESC LIMIT 1`,
  );
  return rows[0];
}

describe("an event stands in the log with its actor", () => {
  test("by node-postgres, and not at all when its transaction fails", async () => {
    await acting(pool, who, (client) =>
      logWithNodePostgres(client, "login", { type: "users", id: "u-1", metadata: { method: "passkey" } }),
    );
    const expected = { action: "login", user_id: "u-1", tenant_id: "acme", resource_type: "users", resource_id: "u-1" };
    expect(await newest()).toMatchObject({ ...expected, metadata: { method: "passkey" } });
    await expect(
      acting(pool, who, async (client) => {
        await logWithNodePostgres(client, "logout");
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await newest()).toMatchObject({ action: "login" });
  });

  test("by postgres.js", async () => {
    const sql = postgres(url, { max: 1 });
    await actingWithPostgresJs(sql, who, (tx) =>
      logWithPostgresJs(tx, "permission_granted", { type: "users", id: "42", metadata: { granted: "owner" } }),
    );
    await sql.end();
    expect(await newest()).toMatchObject({
      action: "permission_granted",
      user_id: "u-1",
      metadata: { granted: "owner" },
    });
  });

  test("by Drizzle", async () => {
    await drizzle(pool).transaction(async (tx) => {
      await tx.execute(drizzleSql`SELECT caretaker.set_context(user_id => ${"u-2"}, tenant_id => ${"acme"})`);
      await logWithDrizzle(tx, "export", { type: "invoices", metadata: { rows: 1200 } });
    });
    expect(await newest()).toMatchObject({ action: "export", user_id: "u-2", metadata: { rows: 1200 } });
  });
});

describe("a sender over HTTP", () => {
  let server: Server;
  const answers: number[] = [];
  let bodies: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += String(chunk);
      });
      request.on("end", () => {
        bodies.push(body);
        response.writeHead(answers.shift() ?? 200).end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterAll(() => server.close());

  const send = () =>
    reportEvents(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, "t", [{ id: "e-1", action: "paid" }]);

  test("sends the same again where that may help, and gives up where it cannot", async () => {
    answers.push(503, 429, 200);
    await send();
    expect(new Set(bodies).size).toBe(1);
    expect(bodies).toHaveLength(3);
    bodies = [];
    answers.push(409);
    await expect(send()).rejects.toThrow(/refused/);
    expect(bodies).toHaveLength(1);
  });
});

test("the manual shows these examples as they run", async () => {
  const manual = await readFile("docs/audit.md", "utf8");
  for (const name of ["events-node-postgres", "events-postgres-js", "events-drizzle", "events-http"]) {
    const text = await readFile(`docs/examples/${name}.ts`, "utf8");
    expect(manual, name).toContain(text.trim());
  }
});
