import { NextRequest } from "next/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { searchAudit } from "#db/audit/search.ts";
import { closeControl, control } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { apiTokens } from "#db/schema/staff.ts";
import { newSecretText } from "#db/staff/secret-text.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { person } from "#db/testing/people.ts";
import { POST } from "./route.ts";

// The endpoint as a service meets it: HTTP in, and what stands in the log of the managed database.

let shop: Adopted;
let other: Adopted;
let bound: string;
let free: string;

beforeAll(async () => {
  await freshControl();
  process.env.CARETAKER_URL = "https://caretaker.example.com/";
  shop = await adoptedDatabase("CREATE TABLE orders (id integer PRIMARY KEY)");
  other = await adoptedDatabase("CREATE TABLE letters (id integer PRIMARY KEY)");
  const ada = await person("administrator", "Ada");
  bound = await token(ada.id, ["events.write"], shop.id);
  free = await token(ada.id, ["events.write"], null);
});

afterAll(async () => {
  await shop.client.end();
  await other.client.end();
  await closeFleet();
  await closeControl();
});

async function token(staffId: string, capabilities: string[], databaseId: string | null): Promise<string> {
  const secret = newSecretText("caretaker_");
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await control()
    .insert(apiTokens)
    .values({ staffId, name: "payments", tokenHash: secret.hash, capabilities, databaseId, expiresAt });
  return secret.text;
}

async function send(secret: string | null, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const request = new NextRequest("https://caretaker.example.com/api/events", {
    method: "POST",
    headers: { "content-type": "application/json", ...(secret ? { authorization: `Bearer ${secret}` } : {}) },
    body: JSON.stringify(body),
  });
  const response = await POST(request, { params: Promise.resolve({}) });
  return { status: response.status, body: await response.json() };
}

const paid = (id: string) => ({
  id,
  action: "payment_received",
  actor: "u-7",
  impersonator: "u-1",
  tenant: "acme",
  resource: { type: "invoices", id: "2026-0042" },
  ip: "203.0.113.9",
  request: "req-1",
  reason: "monthly",
  occurredAt: "2026-10-01T08:00:00Z",
  metadata: { amount: "12.50" },
});

async function entries(of: Adopted, id: string) {
  const { rows } = await of.client.query(
    `SELECT id::text, action, user_id, tenant_id, resource_type, resource_id, host(ip_address) AS ip, request_id, metadata
       FROM caretaker.audit_logs WHERE metadata ->> 'event_id' = $1`,
    [id],
  );
  return rows;
}

describe("an event that a service reports", () => {
  test("stands in the log with its actor, who acted in their name, the key and the reason", async () => {
    const { status, body } = await send(bound, { events: [paid("e-1")] });
    expect(status).toBe(200);
    const [entry, ...more] = await entries(shop, "e-1");
    expect(more).toEqual([]);
    expect(body).toMatchObject({ events: [{ id: "e-1", entry: entry.id, repeated: false }] });
    expect(entry).toMatchObject({
      action: "payment_received",
      user_id: "u-7",
      tenant_id: "acme",
      resource_type: "invoices",
      resource_id: "2026-0042",
      ip: "203.0.113.9",
      request_id: "req-1",
      metadata: {
        amount: "12.50",
        impersonator: "u-1",
        reason: "monthly",
        occurred_at: "2026-10-01T08:00:00Z",
        api_key: expect.stringMatching(/^payments \([0-9a-f]{8}\)$/),
      },
    });
  });

  test("says nothing in the place of the key, the role and the client that the database vouches for", async () => {
    const { metadata, impersonator, actor, ...rest } = paid("e-9");
    const forged = { role: "postgres", api_key: "payroll", impersonator: "u-1", client: "192.0.2.1" };
    const { status } = await send(bound, { events: [{ ...rest, metadata: { ...metadata, ...forged } }] });
    expect(status).toBe(200);
    const [entry] = await entries(shop, "e-9");
    expect(entry.metadata).toMatchObject({
      amount: "12.50",
      api_key: expect.stringMatching(/^payments/),
      reported: forged,
    });
    expect(entry.metadata.client).not.toBe(forged.client);
    expect(entry.metadata).not.toHaveProperty("impersonator");
  });

  test("is told in the list with the name of who really acted, and the key", async () => {
    const sam = await person("support", "Sam Lee");
    const event = { ...paid("e-0"), id: "e-0", impersonator: sam.id, request: "req-told" };
    expect((await send(bound, { events: [event] })).status).toBe(200);
    const q = `request:req-told impersonator:${sam.id} apikey:payments*`;
    const { rows } = await searchAudit(sam.actor, { database: shop.id, q });
    expect((await searchAudit(sam.actor, { database: shop.id, q: "request:req-told impersonator:none" })).rows).toEqual(
      [],
    );
    expect(rows.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^Sam Lee as Actor u-7 by the key payments \([0-9a-f]{8}\) did "payment received"/),
    ]);
  });

  test("is recorded once, however often and from however many senders at once it comes", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send(bound, { events: [paid("e-2"), paid("e-3")] })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body.events).replaceAll(/"repeated":\w+/g, ""))).size).toBe(
      1,
    );
    expect(await entries(shop, "e-2")).toHaveLength(1);
    expect(await entries(shop, "e-3")).toHaveLength(1);
  });

  test("is refused under an id that was another event's, and the rest of its batch with it", async () => {
    const { status, body } = await send(bound, { events: [paid("e-4"), { ...paid("e-1"), action: "payment_lost" }] });
    expect([status, body.code]).toEqual([409, "conflict"]);
    expect(await entries(shop, "e-4")).toEqual([]);
    expect((await send(bound, { events: [paid("e-4"), paid("e-4")] })).status).toBe(409);
  });

  test("cannot pass for a row change, nor carry what the log cannot hold", async () => {
    for (const action of ["delete", "update", "no spaces", ""]) {
      expect((await send(bound, { events: [{ ...paid("e-5"), action }] })).status, action).toBe(422);
    }
    expect((await send(bound, { events: [{ ...paid("e-5"), metadata: { big: "x".repeat(20_000) } }] })).status).toBe(
      422,
    );
    expect((await send(bound, { events: [{ ...paid("e-5"), metadata: { nul: "\u0000" } }] })).status).toBe(422);
    expect((await send(bound, {})).status).toBe(422);
    expect(await entries(shop, "e-5")).toEqual([]);
  });
});

describe("a token", () => {
  test("bound to a database reports to no other", async () => {
    const { status, body } = await send(bound, { database: other.id, events: [paid("e-6")] });
    expect([status, body.code]).toEqual([403, "forbidden"]);
    expect(await entries(other, "e-6")).toEqual([]);
  });

  test("bound to none names the database, by its id or its name", async () => {
    expect((await send(free, { events: [paid("e-7")] })).status).toBe(422);
    expect((await send(free, { database: "nowhere", events: [paid("e-7")] })).status).toBe(404);
    const name = new URL(other.url).pathname.slice(1);
    expect((await send(free, { database: name, events: [paid("e-7")] })).status).toBe(200);
    expect(await entries(other, "e-7")).toHaveLength(1);
  });

  test("without the capability, of a lesser role, wrong or missing is refused", async () => {
    const sam = await person("support", "Sam");
    expect((await send(await token(sam.id, ["events.write"], null), { events: [paid("e-8")] })).status).toBe(403);
    const ada = await person("administrator", "Ada");
    expect((await send(await token(ada.id, ["audit.read"], null), { events: [paid("e-8")] })).status).toBe(403);
    expect((await send("caretaker_wrong", { events: [paid("e-8")] })).status).toBe(401);
    expect((await send(null, { events: [paid("e-8")] })).status).toBe(403);
  });
});
