import { checkServerIdentity } from "node:tls";
import pg from "pg";
import { type ConnectionFault, connectionFault } from "./connection-fault.ts";
import { Refusal } from "./errors.ts";
import { type ResolvedHost, resolveAllowed } from "./network.ts";

export type TlsMode = "disable" | "require" | "verify-full";

/** A server as the console knows it, with its password opened. Never logged, never sent anywhere. */
export interface ServerAddress {
  host: string;
  port: number;
  tlsMode: TlsMode;
  /** The certificate authority in PEM, when it is not a public one. */
  tlsCertificate: string | null;
  username: string;
  password: string;
}

/** Resolves and checks the host, and answers the driver's settings: the address is what is connected to, TLS is checked against the name. */
export async function connectionConfig(server: ServerAddress, database: string): Promise<pg.ClientConfig> {
  const host = await resolveAllowed(server.host);
  return {
    host: host.address,
    port: server.port,
    user: server.username,
    password: server.password,
    database,
    ssl: tlsOptions(server, host),
    connectionTimeoutMillis: 5_000,
  };
}

function tlsOptions(
  { tlsMode, tlsCertificate }: ServerAddress,
  host: ResolvedHost,
): NonNullable<pg.ClientConfig["ssl"]> {
  if (tlsMode === "disable") return false;
  if (tlsMode === "require") return { rejectUnauthorized: false, servername: host.name };
  return {
    rejectUnauthorized: true,
    servername: host.name,
    ...(tlsCertificate ? { ca: tlsCertificate } : {}),
    checkServerIdentity: (_address, certificate) => checkServerIdentity(host.name, certificate),
  };
}

/** One connection outside any pool, for trying a server. The error is named by `faultOf`. */
export async function connectOnce(server: ServerAddress, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...(await connectionConfig(server, database)),
    application_name: "caretaker",
    statement_timeout: 10_000,
  });
  client.on("error", () => {}); // a connection lost while idle shows at the next query
  await client.connect();
  return client;
}

export function faultOf(error: unknown, server: ServerAddress, database: string): ConnectionFault | null {
  if (error instanceof Refusal && error.code === "unreachable")
    return { step: "dns", what: error.message, fix: error.fix ?? "" };
  if (error instanceof Refusal) return { step: "network", what: error.message, fix: error.fix ?? "" };
  return connectionFault(error, { name: server.host, port: server.port, user: server.username, database });
}
