import { createServer, type Server as NetServer } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, controlPool } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl, freshDatabase, testServer } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { addDatabase, forgetDatabase } from "./add-database.ts";
import { addServer, listServerDatabases, listServers, removeServer } from "./servers.ts";
import { testConnection } from "./test-connection.ts";

let administrator: Actor;
let support: Actor;
let url: string;
const listening: NetServer[] = [];

beforeAll(async () => {
  await freshControl();
  url = await freshDatabase();
  administrator = (await person("administrator")).actor;
  support = (await person("support")).actor;
});

afterAll(async () => {
  for (const server of listening) server.close();
  await closeFleet();
  await closeControl();
});

function changed(change: (server: URL) => void): { url: string; tlsCertificate: null } {
  const server = new URL(url);
  server.searchParams.set("sslmode", "disable");
  change(server);
  return { url: server.href, tlsCertificate: null };
}

/** A server on loopback that answers every connection as told. */
async function fake(answer: (write: (bytes: Buffer) => void) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer((bytes) => socket.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  listening.push(server);
  const address = server.address();
  return String(typeof address === "object" && address ? address.port : 0);
}

async function stepOf(input: { url: string; tlsCertificate: null }): Promise<string | null> {
  const { ok, fault } = await testConnection(administrator, input);
  expect(ok).toBe(fault === null);
  return fault?.step ?? null;
}

test("a server that answers shows its version and databases", async () => {
  const report = await testConnection(
    administrator,
    changed(() => {}),
  );
  expect(report).toMatchObject({ ok: true, fault: null });
  expect(report.version).toMatch(/^1[5-9]/);
  expect(report.databases.map((one) => one.name)).toContain(new URL(url).pathname.slice(1));
});

test("each way of failing is named for what it is", async () => {
  const role = `nobody_${Date.now()}`;
  expect(
    await stepOf(
      changed((server) => {
        server.hostname = "no-such-host.invalid";
      }),
    ),
  ).toBe("dns");
  expect(
    await stepOf(
      changed((server) => {
        server.port = "1";
      }),
    ),
  ).toBe("refused");
  expect(
    await stepOf(
      changed((server) => {
        server.hostname = "10.0.0.1";
      }),
    ),
  ).toBe("network");
  expect(
    await stepOf(
      changed((server) => {
        server.username = role;
        server.password = "wrong";
      }),
    ),
  ).toBe("password");
  expect(
    await stepOf(
      changed((server) => {
        server.pathname = "/no such database";
      }),
    ),
  ).toBe("database");
  const plain = await fake((write) => write(Buffer.from("N")));
  expect(
    await stepOf(
      changed((server) => {
        server.port = plain;
        server.searchParams.set("sslmode", "require");
      }),
    ),
  ).toBe("tls");
});

test("a server that never answers is given up as a timeout", async () => {
  const silent = await fake(() => {});
  expect(
    await stepOf(
      changed((server) => {
        server.port = silent;
      }),
    ),
  ).toBe("timeout");
});

test("a role without the right to connect is told so", async () => {
  const role = `kept_out_${Date.now()}`;
  const password = testServer().password || "none";
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await admin.query(`REVOKE CONNECT ON DATABASE ${new URL(url).pathname.slice(1)} FROM PUBLIC`);
  const step = await stepOf(
    changed((server) => {
      server.username = role;
      server.password = password;
    }),
  );
  await admin.query(`GRANT CONNECT ON DATABASE ${new URL(url).pathname.slice(1)} TO PUBLIC`);
  await admin.query(`DROP ROLE ${role}`);
  await admin.end();
  expect(step).toBe("privilege");
});

test("a database closed to connections is named for it, with the statement that opens it", async () => {
  const admin = new pg.Client(url);
  await admin.connect();
  const name = `closed_${Date.now()}`;
  await admin.query(`CREATE DATABASE ${name} ALLOW_CONNECTIONS false`);
  const { fault } = await testConnection(
    administrator,
    changed((server) => {
      server.pathname = `/${name}`;
    }),
  );
  await admin.query(`DROP DATABASE ${name}`);
  await admin.end();
  expect(fault).toEqual({
    step: "refused",
    what: `The database ${name} accepts no connections.`,
    fix: `ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS true.`,
  });
});

test("URLs that would reach past the checks are refused", async () => {
  const base = "postgres://u:p@127.0.0.1:5432/db";
  const urls = [
    `${base}?hostaddr=10.0.0.1`,
    `${base}?host=/var/run/postgresql`,
    `${base}?service=prod`,
    `${base}?sslkey=/etc/passwd`,
    `${base}?options=-c%20x`,
    "postgres://u:p@a.example,b.example/db",
    "postgres:///db",
    "postgres://127.0.0.1/db",
    "mysql://u:p@127.0.0.1/db",
    "postgres://u:p%@127.0.0.1/db",
    "not a url",
  ];
  for (const one of urls) {
    await expect(testConnection(administrator, { url: one, tlsCertificate: null }), one).rejects.toMatchObject({
      code: "invalid",
    });
  }
});

test("adding seals the password, shows it nowhere, and leaves an audit row by the administrator", async () => {
  const server = await addServer(administrator, {
    name: "production",
    ...changed((one) => {
      one.password = testServer().password || "very secret";
    }),
  });
  expect(JSON.stringify(server)).not.toContain("very secret");
  expect(JSON.stringify(await listServers(support))).not.toContain("credential");
  const { rows } = await controlPool().query<{ credential: string }>("SELECT credential FROM servers WHERE id = $1", [
    server.id,
  ]);
  expect(rows[0]?.credential).toMatch(/^v1\./);
  const { rows: entries } = await controlPool().query(
    "SELECT user_id, new_values ->> 'credential' AS credential FROM caretaker.audit_logs WHERE resource_type = 'servers' AND resource_id = $1",
    [server.id],
  );
  expect(entries).toEqual([{ user_id: administrator.staffId, credential: expect.stringMatching(/^masked:/) }]);
});

test("a second server of the same name and one that does not answer are refused", async () => {
  await addServer(administrator, { name: "twice", ...changed(() => {}) });
  await expect(addServer(administrator, { name: "twice", ...changed(() => {}) })).rejects.toMatchObject({
    code: "conflict",
  });
  const dead = addServer(administrator, {
    name: "dead",
    ...changed((one) => {
      one.port = "1";
    }),
  });
  await expect(dead).rejects.toMatchObject({ code: "unreachable" });
});

test("fields work as a URL does, and what is missing is named", async () => {
  const { hostname, port, username, password } = testServer();
  const given = {
    name: "by fields",
    host: hostname,
    port,
    username,
    password,
    tlsMode: "disable" as const,
    tlsCertificate: null,
  };
  expect(await addServer(administrator, given)).toMatchObject({ host: hostname, username });
  await expect(addServer(administrator, { ...given, host: undefined })).rejects.toMatchObject({
    fieldErrors: { host: "This is needed." },
  });
});

test("a database is added once, and a server that holds one is not forgotten", async () => {
  const { id: serverId } = await addServer(administrator, { name: "holder", ...changed(() => {}) });
  const name = new URL(url).pathname.slice(1);
  const databaseId = await addDatabase(administrator, { serverId, name });
  await expect(addDatabase(administrator, { serverId, name })).rejects.toMatchObject({ code: "conflict" });
  expect((await listServerDatabases(administrator, serverId)).find((one) => one.name === name)?.databaseId).toBe(
    databaseId,
  );
  await expect(removeServer(administrator, serverId)).rejects.toMatchObject({ code: "conflict" });
  await forgetDatabase(administrator, databaseId);
  await removeServer(administrator, serverId);
  expect((await listServers(administrator)).map((one) => one.id)).not.toContain(serverId);
  const { rows } = await controlPool().query("SELECT credential FROM servers WHERE id = $1", [serverId]);
  expect(rows).toEqual([{ credential: "" }]);
});

test("support may list servers and nothing more", async () => {
  const forbidden = { code: "forbidden" };
  await expect(
    testConnection(
      support,
      changed(() => {}),
    ),
  ).rejects.toMatchObject(forbidden);
  await expect(addServer(support, { name: "x", ...changed(() => {}) })).rejects.toMatchObject(forbidden);
  await expect(addDatabase(support, { serverId: "x", name: "x" })).rejects.toMatchObject(forbidden);
  await expect(removeServer(support, "x")).rejects.toMatchObject(forbidden);
  await expect(listServerDatabases(support, "x")).rejects.toMatchObject(forbidden);
});
