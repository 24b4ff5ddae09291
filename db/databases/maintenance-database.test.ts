import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { connectServer } from "../fleet-register.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { startThrowaway } from "../testing/server.ts";
import { addDatabase } from "./add-database.ts";
import { changeServer } from "./change-server.ts";
import { addServer, listServerDatabases } from "./servers.ts";
import { query } from "./testing/fleet.ts";

let administrator: Actor;
let hosted: Awaited<ReturnType<typeof startThrowaway>>;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  hosted = await startThrowaway();
  await query(hosted.url, "CREATE ROLE caretaker LOGIN CREATEDB PASSWORD 'none'");
  await query(hosted.url, "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
  for (const name of ["app", "other"]) await query(hosted.url, `CREATE DATABASE ${name}`);
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
  await hosted.remove();
});

/** What the role of a hosted database pastes. */
function pasted(database: string): string {
  const url = new URL(hosted.url);
  [url.username, url.password, url.pathname] = ["caretaker", "none", `/${database}`];
  url.searchParams.set("sslmode", "disable");
  return url.href;
}

async function asked(serverId: string, notIn?: string): Promise<string> {
  const client = await connectServer(serverId, notIn);
  const { rows } = await client.query("SELECT current_database() AS name").finally(() => client.end());
  return rows[0].name;
}

test("a server of which postgres is closed is asked in the database that its URL names, or that a change names", async () => {
  const closed = addServer(administrator, { name: "closed", url: pasted("postgres") });
  await expect(closed).rejects.toMatchObject({ code: "unreachable" });

  const server = await addServer(administrator, { name: "hosted", url: pasted("app") });
  expect(server.maintenanceDatabase).toBe("app");
  expect(await asked(server.id)).toBe("app");
  const listed = await listServerDatabases(administrator, server.id);
  expect(
    listed
      .filter(({ mayConnect }) => mayConnect)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["app", "other"]);

  const { id, host, port, username, tlsMode } = server;
  const fields = { serverId: id, host, port, username, password: "none", tlsMode };
  await expect(changeServer(administrator, { ...fields, database: "postgres" })).rejects.toMatchObject({
    code: "unreachable",
  });
  const changed = await changeServer(administrator, { ...fields, database: "other" });
  expect(changed.maintenanceDatabase).toBe("other");
  expect(await asked(id)).toBe("other");
});

test("where that database is gone by now, one that is known answers", async () => {
  const server = await addServer(administrator, { name: "left", url: pasted("other") });
  await addDatabase(administrator, { serverId: server.id, name: "app" });
  await query(hosted.url, "DROP DATABASE other");
  const listed = await listServerDatabases(administrator, server.id);
  expect(listed.find(({ name }) => name === "app")?.databaseId).toEqual(expect.any(String));
});

test("a database that is to be dropped is not the one to ask in", async () => {
  const url = new URL(hosted.url);
  url.pathname = "/app";
  url.searchParams.set("sslmode", "disable");
  const server = await addServer(administrator, { name: "root", url: url.href });
  expect(await asked(server.id)).toBe("app");
  expect(await asked(server.id, "app")).toBe("postgres");
});
