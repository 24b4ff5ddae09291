import net from "node:net";
import tls from "node:tls";
import { environment } from "../../environment.ts";
import { Refusal } from "../../errors.ts";
import { resolveAllowed } from "../../network.ts";
import type { BatchEntry } from "./batch.ts";

const timeoutMs = 15_000;

// Facility 13 (log audit), severity 6 (informational): RFC 5424, section 6.2.1.
const priority = 13 * 8 + 6;

/** One entry as RFC 5424 has it. 32473 is the number that IANA keeps for examples (RFC 5612): we have none of our own. */
function syslogMessage(entry: BatchEntry, databaseId: string, host: string): string {
  const id = entry.action.replaceAll(/[^\x21-\x7e]/g, "_").slice(0, 32) || "-";
  const data = `[caretaker@32473 database="${param(databaseId)}" entry="${param(entry.id)}" transaction="${param(entry.transactionId)}"]`;
  return `<${priority}>1 ${entry.at} ${host} caretaker - ${id} ${data} ${entry.line}`;
}

function param(value: string): string {
  return value.replaceAll(/["\\\]]/g, (char) => `\\${char}`);
}

/**
 * Sends entries over TCP or TLS, each with its length before it (RFC 6587, RFC 5425). Syslog has no answer: it counts as delivered
 * when the receiver has closed in order after our end, which is after its system took every byte.
 */
export async function sendSyslog(
  target: { host: string; port: number; tls: boolean },
  databaseId: string,
  entries: readonly BatchEntry[],
): Promise<string> {
  const { name, address } = await resolveAllowed(target.host);
  const own = new URL(environment().CARETAKER_URL).hostname.slice(0, 255);
  const frames = entries.map((entry) => {
    const message = Buffer.from(syslogMessage(entry, databaseId, own));
    return Buffer.concat([Buffer.from(`${message.length} `), message]);
  });
  await send({ ...target, name, address }, Buffer.concat(frames));
  return `${name}:${target.port} took every byte and closed the connection in order; syslog has no other answer.`;
}

interface Receiver {
  name: string;
  address: string;
  port: number;
  tls: boolean;
}

function send({ name, address, port, tls: encrypted }: Receiver, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const servername = net.isIP(name) ? "" : name;
    const socket = encrypted ? tls.connect({ host: address, port, servername }) : net.connect({ host: address, port });
    const fail = (why: string, cause?: Error) => {
      socket.destroy();
      reject(
        new Refusal("unreachable", `${name}:${port} did not take it: ${why}.`, {
          fix: "Check that the receiver runs and closes a connection that we end.",
          cause,
        }),
      );
    };
    socket.setTimeout(timeoutMs, () => fail(`nothing happened for ${timeoutMs / 1000} seconds`));
    socket.on("error", (error) => fail(error.message, error));
    socket.on("close", (hadError) => (hadError ? undefined : resolve()));
    socket.on(encrypted ? "secureConnect" : "connect", () => socket.end(bytes));
    socket.resume();
  });
}
