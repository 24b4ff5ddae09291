import pg from "pg";

/** What went wrong between this machine and a server, in the order in which a connection is made. */
export interface ConnectionFault {
  step: "dns" | "network" | "refused" | "timeout" | "tls" | "password" | "database" | "privilege" | "full" | "lost";
  what: string;
  fix: string;
}

interface Target {
  name: string;
  port: number;
  user: string;
  database: string;
}

type Describe = (target: Target) => Omit<ConnectionFault, "step">;

const refused: [ConnectionFault["step"], Describe] = [
  "refused",
  ({ name, port }) => ({
    what: `Nothing accepts connections at ${name}, port ${port}.`,
    fix: "Check the port, listen_addresses on the server, and firewalls in between.",
  }),
];
const timeout: [ConnectionFault["step"], Describe] = [
  "timeout",
  ({ name, port }) => ({
    what: `${name}, port ${port}, did not answer in time.`,
    fix: "A firewall often drops packets in silence: check that this machine may reach the server.",
  }),
];
const password: [ConnectionFault["step"], Describe] = [
  "password",
  ({ user }) => ({
    what: `The server refused the user ${user} or its password.`,
    fix: "Check user and password, and that pg_hba.conf admits this user from this machine.",
  }),
];
const unasked: [ConnectionFault["step"], Describe] = [
  "password",
  ({ name, user }) => ({ what: `${name} asks ${user} for a password, and none was given.`, fix: "Give the password." }),
];
const shut: [ConnectionFault["step"], Describe] = [
  "password",
  ({ name, user, database }) => ({
    what: `${name} does not admit ${user} to ${database} from this machine in this way.`,
    fix: "Add a line to its pg_hba.conf; where there is one for TLS only (hostssl), connect with TLS.",
  }),
];
const unknown: [ConnectionFault["step"], Describe] = [
  "dns",
  ({ name }) => ({
    what: `The name ${name} has no address in DNS.`,
    fix: "Check the spelling, and that this machine's resolver answers and knows the name.",
  }),
];
const lost: [ConnectionFault["step"], Describe] = [
  "lost",
  ({ name }) => ({
    what: `The connection to ${name} was lost.`,
    fix: "Try again; if it stays, look at the server's log.",
  }),
];
const full: [ConnectionFault["step"], Describe] = [
  "full",
  ({ name }) => ({
    what: `${name} has no connection left.`,
    fix: "Raise max_connections, or put a pooler in between.",
  }),
];

// By Node's error code or PostgreSQL's SQLSTATE (appendix A of its manual).
const byCode: Record<string, [ConnectionFault["step"], Describe]> = {
  ENOTFOUND: unknown,
  EAI_AGAIN: unknown,
  ECONNREFUSED: refused,
  EHOSTUNREACH: refused,
  ENETUNREACH: refused,
  ETIMEDOUT: timeout,
  ECONNRESET: lost,
  EPIPE: lost,
  "28P01": password,
  "3D000": [
    "database",
    ({ database }) => ({
      what: `There is no database ${database} on the server.`,
      fix: "Check its name; case counts.",
    }),
  ],
  "42501": [
    "privilege",
    ({ user, database }) => ({
      what: `${user} may not connect to ${database}.`,
      fix: `GRANT CONNECT ON DATABASE to ${user}.`,
    }),
  ],
  "53300": full,
  "57P01": lost,
  "57P02": lost,
  "57P03": [
    "refused",
    ({ name }) => ({ what: `${name} is starting up or shutting down.`, fix: "Try again in a moment." }),
  ],
  "08006": lost,
  "08003": lost,
};

/** Names the fault behind an error of the driver; null when it is not about the connection. */
export function connectionFault(error: unknown, target: Target): ConnectionFault | null {
  if (!(error instanceof Error)) return null;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const routine = "routine" in error ? error.routine : undefined;
  // Both have other meanings. The place in the server tells them apart, since messages are translated.
  if (code === "42501" && routine !== "CheckMyDatabase") return null;
  if (code === "28000") return said(routine === "ClientAuthentication" ? shut : password, target);
  const known = byCode[code] ?? closedFault(error, code) ?? tlsFault(error, code) ?? byMessage(error.message);
  return known ? said(known, target) : null;
}

function said([step, describe]: [ConnectionFault["step"], Describe], target: Target): ConnectionFault {
  return { step, ...describe(target) };
}

/** ALLOW_CONNECTIONS false. Much else has this code; the place in the server tells them apart, since messages are translated. */
function closedFault(error: Error, code: string): [ConnectionFault["step"], Describe] | undefined {
  if (code !== "55000" || !("routine" in error) || error.routine !== "CheckMyDatabase") return undefined;
  return [
    "refused",
    ({ database }) => ({
      what: `The database ${database} accepts no connections.`,
      fix: `ALTER DATABASE ${pg.escapeIdentifier(database)} WITH ALLOW_CONNECTIONS true.`,
    }),
  ];
}

function tlsFault(error: Error, code: string): [ConnectionFault["step"], Describe] | undefined {
  if (error.message.includes("does not support SSL")) {
    return [
      "tls",
      ({ name }) => ({
        what: `${name} does not speak TLS.`,
        fix: "Turn ssl on at the server, or choose no TLS if the network is trusted.",
      }),
    ];
  }
  if (!/CERT|SSL|TLS|SELF_SIGNED/.test(code)) return undefined;
  const because = error.message.replace(/[.\s]+$/, "");
  return [
    "tls",
    ({ name }) => ({
      what: `The certificate of ${name} was not accepted: ${because}.`,
      fix: "Give the certificate authority that signed it, or check the host name.",
    }),
  ];
}

/** The driver reports these without a code. */
function byMessage(message: string): [ConnectionFault["step"], Describe] | undefined {
  if (/timeout expired|timeout exceeded when trying to connect|due to connection timeout/.test(message)) return timeout;
  if (/Connection terminated|Client was closed/.test(message)) return lost;
  if (/password must be a (non-empty )?string/.test(message)) return unasked;
  return /SASL/.test(message) ? password : undefined;
}
