import type { ServerAddress } from "../connection.ts";
import { Refusal } from "../errors.ts";
import { type ServerInput, serverFields, serverInput } from "./contract.ts";

export interface ParsedServer {
  server: ServerAddress;
  /** The database that the URL named. */
  database: string | null;
}

// What a URL may say besides the address. Anything else (hostaddr, service, sslkey, options …) would reach past the checks.
const knownParameters = new Set(["sslmode", "application_name", "connect_timeout", "channel_binding"]);

/** A server from its fields, or from one pasted URL. */
export function parseServer(input: ServerInput): ParsedServer {
  const parsed = serverInput.parse(input);
  if (!("url" in parsed)) return { server: parsed, database: null };
  const url = parseUrl(parsed.url);
  const foreign = [...url.searchParams.keys()].filter((key) => !knownParameters.has(key));
  if (foreign.length > 0) throw refuse(`The parameter ${foreign.join(", ")} is not accepted in a URL.`);
  const fields = serverFields.safeParse({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 5432 : url.port,
    tlsMode: tlsModeOf(url.searchParams.get("sslmode")),
    tlsCertificate: parsed.tlsCertificate,
    username: decoded(url.username),
    password: decoded(url.password),
  });
  if (!fields.success) throw refuse(fields.error.issues[0]?.message ?? "Something is missing in it.");
  const database = decoded(url.pathname.slice(1));
  return { server: fields.data, database: database === "" ? null : database };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || /,/.test(text.split("@").at(-1)?.split("/")[0] ?? "")) {
    throw refuse("It is not a URL of one server.");
  }
  return url;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse("A % in it is not followed by two hexadecimal digits; write % itself as %25.");
  }
}

function tlsModeOf(sslmode: string | null): ServerAddress["tlsMode"] {
  if (sslmode === "disable") return "disable";
  if (sslmode === "allow" || sslmode === "prefer" || sslmode === "require" || sslmode === "no-verify") return "require";
  return "verify-full";
}

function refuse(what: string): Refusal {
  return new Refusal("invalid", `This connection URL cannot be used. ${what}`, {
    fix: "Give it as postgres://user:password@host:5432/database?sslmode=verify-full.",
    fieldErrors: { url: what },
  });
}
