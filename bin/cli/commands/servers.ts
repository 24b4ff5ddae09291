import { addServerInput } from "#db/databases/contract.ts";
import { addServer, listServers, type Server } from "#db/databases/servers.ts";
import { type Command, only, parse, readNamedFile, required, text } from "../command.ts";
import { readSecret } from "../secret.ts";
import { table } from "../table.ts";

const add: Command = {
  name: "servers add",
  usage: "NAME --host HOST [--port 5432] --user USER [--tls disable|require|verify-full] [--certificate FILE]",
  summary: "Add a PostgreSQL server; its password is read from standard input",
  options: {
    host: { type: "string" },
    port: { type: "string" },
    user: { type: "string" },
    tls: { type: "string" },
    certificate: { type: "string" },
  },
  async run(actor, input) {
    const certificate = text(input, "certificate");
    const server = await addServer(
      actor,
      parse(addServerInput, {
        name: only(input, "the server"),
        host: required(input, "host"),
        port: text(input, "port"),
        username: required(input, "user"),
        tlsMode: text(input, "tls"),
        tlsCertificate: certificate === undefined ? undefined : await readNamedFile(certificate),
        password: await readSecret("Password: "),
      }),
    );
    return { json: server, text: `Added ${server.name}; its id is ${server.id}.` };
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
        { title: "id", value: (row) => row.id },
      ],
      servers,
    );
    return { json: servers, text: shown };
  },
};

export const serverCommands: Command[] = [add, list];
