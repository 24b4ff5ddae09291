import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, control } from "../control.ts";
import { closeFleet, withDatabase } from "../fleet.ts";
import { databases, servers } from "../schema/fleet.ts";
import { auditedSince, newestEntry } from "../testing/audit.ts";
import { freshControl, freshDatabase, testServer } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { changeServer } from "./change-server.ts";
import { removeServer } from "./servers.ts";
import { query } from "./testing/fleet.ts";

let administrator: Actor;
let support: Actor;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  support = (await person("support")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

/** An adopted database of a server that is reached by a role of its own, and what a change of its connection gives. */
async function adopted() {
  const url = await freshDatabase();
  await query(url, "CREATE SCHEMA caretaker; CREATE TABLE caretaker.installed (version int)");
  const role = await newRole(url);
  const own = new URL(url);
  [own.username, own.password] = [role, testServer().password || "none"];
  const databaseId = await registerDatabase(own.href);
  const [row] = await control().select().from(databases).where(eq(databases.id, databaseId));
  const serverId = row?.serverId ?? "";
  const { hostname, port, password } = testServer();
  const given = {
    ...{ serverId, host: hostname, port, username: role, password: password || "none" },
    ...{ tlsMode: "disable" as const, tlsCertificate: null },
  };
  return { url, role, databaseId, serverId, given };
}

async function newRole(url: string): Promise<string> {
  const role = `caretaker_${randomUUID().slice(0, 8)}`;
  await query(url, `CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(testServer().password || "none")}`);
  await query(url, `GRANT pg_read_all_data TO ${role}`);
  return role;
}

const whoReads = (databaseId: string) =>
  withDatabase(databaseId, async (client) => (await client.query("SELECT current_user AS who")).rows[0]?.who);

test("after a change the fleet signs in anew, the password is sealed, and the log says who changed it", async () => {
  const { url, role, databaseId, serverId, given } = await adopted();
  expect(await whoReads(databaseId)).toBe(role);
  const next = await newRole(url);
  const before = await newestEntry();
  const changed = await changeServer(administrator, { ...given, username: next });
  expect(changed).toMatchObject({ id: serverId, username: next });
  expect(JSON.stringify(changed)).not.toContain("credential");
  expect(await whoReads(databaseId)).toBe(next);
  const [kept] = await control().select().from(servers).where(eq(servers.id, serverId));
  expect(kept?.credential).toMatch(/^v1\./);
  expect(await auditedSince(before)).toContainEqual({
    action: "update",
    table: "servers",
    by: administrator.staffId,
  });
});

test("what does not answer, or answers as another server, is not kept", async () => {
  const { url, role, databaseId, given } = await adopted();
  const dead = changeServer(administrator, { ...given, port: "1" });
  await expect(dead).rejects.toMatchObject({ code: "unreachable" });
  const outside = changeServer(administrator, { ...given, host: "10.0.0.1" });
  await expect(outside).rejects.toMatchObject({ code: "unreachable" });
  await query(url, "DROP SCHEMA caretaker CASCADE");
  await expect(changeServer(administrator, given)).rejects.toMatchObject({
    code: "conflict",
    fix: expect.stringContaining("another server"),
  });
  expect(await whoReads(databaseId)).toBe(role);
});

test("a server that was forgotten is not changed, and support changes none", async () => {
  const { serverId, databaseId, given } = await adopted();
  await expect(changeServer(support, given)).rejects.toMatchObject({ code: "forbidden" });
  await control().update(databases).set({ releasedAt: new Date().toISOString() }).where(eq(databases.id, databaseId));
  await removeServer(administrator, serverId);
  await expect(changeServer(administrator, given)).rejects.toMatchObject({ code: "not_found" });
});
