import type { ServerAddress } from "../connection.ts";
import { Refusal } from "../errors.ts";
import { type ServerInput, serverFields } from "./contract.ts";

export interface ParsedServer {
  server: ServerAddress;
  /** The database that was named, or the one that nearly every server has. */
  database: string;
}

const usual = "postgres";

// What a URL may say besides the address. Anything else (hostaddr, service, sslkey, options …) would reach past the checks.
const knownParameters = new Set(["sslmode", "application_name", "connect_timeout", "channel_binding"]);

/** A server from its fields, or from one pasted URL. */
export function parseServer(input: ServerInput): ParsedServer {
  if (!input.url) return { server: checkedFields(input), database: input.database?.trim() || usual };
  const url = parseUrl(input.url);
  const foreign = [...url.searchParams.keys()].filter((key) => !knownParameters.has(key));
  if (foreign.length > 0) throw refuse(`The parameter ${foreign.join(", ")} is not accepted in a URL.`);
  const server = checkedFields({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 5432 : url.port,
    tlsMode: tlsModeOf(url.searchParams.get("sslmode")),
    tlsCertificate: input.tlsCertificate,
    username: decoded(url.username),
    password: decoded(url.password),
  });
  const database = decoded(url.pathname.slice(1));
  return { server, database: database || usual };
}

function checkedFields(input: ServerInput): ServerAddress {
  const fields = serverFields.safeParse(input);
  if (fields.success) return fields.data;
  const fieldErrors: Record<string, string> = {};
  for (const issue of fields.error.issues)
    fieldErrors[issue.path.join(".")] ??= issue.input === undefined ? "This is needed." : issue.message;
  const [first = ["", ""]] = Object.entries(fieldErrors);
  throw new Refusal("invalid", `The server is not described whole: ${first[0]}: ${first[1]}`, {
    fix: "Give host, port and user, or one URL as postgres://user:password@host:5432/database.",
    fieldErrors: input.url ? { url: `${first[0]}: ${first[1]}` } : fieldErrors,
  });
}

function parseUrl(text: string): URL {
  const url = /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : null;
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
