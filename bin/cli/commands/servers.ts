import { changeServer } from "#db/databases/change-server.ts";
import { addServerInput, changeServerInput } from "#db/databases/contract.ts";
import { addServer, listServers, type Server } from "#db/databases/servers.ts";
import { limitInput, startRebalanceInput } from "#db/placing/inputs.ts";
import { readServers } from "#db/placing/read.ts";
import type { PlannedMove } from "#db/placing/rebalance/plan.ts";
import { previewRebalance } from "#db/placing/rebalance/preview.ts";
import { startRebalance } from "#db/placing/rebalance/start.ts";
import { type Command, only, parse, readNamedFile, required, text } from "../command.ts";
import { pick } from "../find.ts";
import { readSecret } from "../secret.ts";
import { table } from "../table.ts";
import { bytes } from "../words.ts";

const address = {
  host: { type: "string" },
  port: { type: "string" },
  user: { type: "string" },
  database: { type: "string" },
  tls: { type: "string" },
  certificate: { type: "string" },
} as const;

const add: Command = {
  name: "servers add",
  usage:
    "NAME --host HOST [--port 5432] --user USER [--database postgres] [--tls disable|require|verify-full] [--certificate FILE]",
  summary: "Add a PostgreSQL server; its password is read from standard input",
  options: address,
  async run(actor, input) {
    const certificate = text(input, "certificate");
    const server = await addServer(
      actor,
      parse(addServerInput, {
        name: only(input, "the server"),
        host: required(input, "host"),
        port: text(input, "port"),
        username: required(input, "user"),
        database: text(input, "database"),
        tlsMode: text(input, "tls"),
        tlsCertificate: certificate === undefined ? undefined : await readNamedFile(certificate),
        password: await readSecret("Password: "),
      }),
    );
    return { json: server, text: `Added ${server.name}; its id is ${server.id}.` };
  },
};

const change: Command = {
  name: "servers change",
  usage:
    "SERVER [--host HOST] [--port PORT] [--user USER] [--database NAME] [--tls disable|require|verify-full] [--certificate FILE]",
  summary:
    "Change how a server is reached; its password is read from standard input, the rest stays where it is not said",
  options: address,
  async run(actor, input) {
    const servers = await listServers(actor);
    const serverId = pick("server", only(input, "a server"), servers, ({ id, name }) => [id, name]);
    const before = servers.find(({ id }) => id === serverId);
    const certificate = text(input, "certificate");
    const server = await changeServer(
      actor,
      parse(changeServerInput, {
        serverId,
        host: text(input, "host") ?? before?.host,
        port: text(input, "port") ?? before?.port,
        username: text(input, "user") ?? before?.username,
        database: text(input, "database") ?? before?.maintenanceDatabase,
        tlsMode: text(input, "tls") ?? before?.tlsMode,
        tlsCertificate: certificate === undefined ? before?.tlsCertificate : await readNamedFile(certificate),
        password: await readSecret("Password: "),
      }),
    );
    return { json: server, text: `${server.name} is reached at ${server.host}:${server.port} as ${server.username}.` };
  },
};

const list: Command = {
  name: "servers list",
  usage: "",
  summary: "List the servers",
  async run(actor) {
    const servers = await listServers(actor);
    const shown = table(
      [
        { title: "name", value: (row: Server) => row.name },
        { title: "host", value: (row) => row.host },
        { title: "port", value: (row) => row.port, end: true },
        { title: "tls", value: (row) => row.tlsMode },
        { title: "user", value: (row) => row.username },
        { title: "asked in", value: (row) => row.maintenanceDatabase },
        { title: "id", value: (row) => row.id },
      ],
      servers,
    );
    return { json: servers, text: shown };
  },
};

const plan: Command = {
  name: "servers plan",
  usage: "[--limit 70]",
  summary: "Plan which tenants to move so that no server passes this part of its disk or load, in percent",
  options: { limit: { type: "string" } },
  async run(actor, input) {
    const { limit } = parse(limitInput, { limit: text(input, "limit") });
    const made = await previewRebalance(actor, limit);
    const names = new Map((await readServers(actor)).map(({ id, name }) => [id, name]));
    const shown = table(
      [
        { title: "tenant", value: (move: PlannedMove) => move.tenantName },
        { title: "from", value: (move) => names.get(move.fromServerId) ?? move.fromServerId },
        { title: "to", value: (move) => names.get(move.toServerId) ?? move.toServerId },
        { title: "size", value: (move) => bytes(move.bytes), end: true },
      ],
      made.moves,
    );
    const left = [...made.unsolved, ...made.leftOut].map(({ name, why }) => `${name}: ${why}`);
    const answer = made.moves.length === 0 ? "No tenant needs to move." : `${shown}\n\nPlan: ${made.hash}`;
    return { json: made, text: [answer, ...left].join("\n") };
  },
};

const rebalance: Command = {
  name: "servers rebalance",
  usage: "--plan HASH [--limit 70] [--reason TEXT]",
  summary: "Put the moves of the plan that was shown into the queue",
  options: { plan: { type: "string" }, limit: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    const { limit } = parse(limitInput, { limit: text(input, "limit") });
    const given = { limit, planHash: required(input, "plan"), reason: text(input, "reason") };
    const started = await startRebalance(actor, parse(startRebalanceInput, given));
    return { json: started, text: `The queue of moves is ${started.rebalanceId}; a worker tends it.` };
  },
};

export const serverCommands: Command[] = [add, change, list, plan, rebalance];
