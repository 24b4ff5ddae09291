import { createHmac, randomBytes } from "node:crypto";
import http, { STATUS_CODES } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { Refusal } from "../../errors.ts";
import { resolveAllowed } from "../../network.ts";

const timeoutMs = 15_000;

/** The receiver takes no message as large as this one. */
export class TooLarge extends Refusal {}

/** Its id says which it is, the same whenever it is sent again, so that a receiver can drop what it has. */
export interface Message {
  id: string;
  /** The body's, as a media type. */
  type: string;
  body: string;
  /** Of the receiver's own, such as one that lets the sender in. */
  headers?: Record<string, string>;
}

/**
 * Posts a message, signed as standardwebhooks.com says: HMAC-SHA256 over id, time and body, with the secret's bytes as key. Answers
 * only when the receiver has said 2xx, with its status as a sentence. Redirects are not followed; the address is checked as a
 * server's is.
 */
export async function postWebhook(
  url: string,
  secret: string,
  { id, type, body, headers: own = {} }: Message,
): Promise<string> {
  const target = new URL(url);
  const { address } = await resolveAllowed(target.hostname);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    ...own,
    "content-type": type,
    "content-length": String(Buffer.byteLength(body)),
    "user-agent": "Caretaker",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature(secret, `${id}.${timestamp}.${body}`)}`,
  };
  const status = await post(target, address, headers, body);
  const said = `${target.host} answered ${[status, STATUS_CODES[status]].join(" ").trim()}.`;
  if (status >= 200 && status < 300) return said;
  throw new (status === 413 ? TooLarge : Refusal)("unreachable", said, {
    fix: fixes[status] ?? "Look at the receiver's log.",
  });
}

/** A signing secret of a receiver's own, in the form that standardwebhooks.com gives it. */
export function webhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

const redirected = "Redirects are not followed: give the address that this one leads to.";
const noAccess =
  "Check that the receiver was given the signing secret, and that the headers let the sender in where something asks for a login.";
const noPlace = "Check the address: nothing takes a POST there.";

const fixes: Record<number, string> = {
  301: redirected,
  302: redirected,
  307: redirected,
  308: redirected,
  401: noAccess,
  403: noAccess,
  404: noPlace,
  405: noPlace,
  410: noPlace,
  413: "Let the receiver take larger requests: no less than this can be sent at once.",
};

/** `whsec_` and base64, as the receiver was given it. */
function signature(secret: string, signed: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(signed).digest("base64");
}

function post(target: URL, address: string, headers: Record<string, string>, body: string): Promise<number> {
  const { request } = target.protocol === "https:" ? https : http;
  const family = isIP(address);
  return new Promise((resolve, reject) => {
    const sent = request(target, {
      method: "POST",
      headers,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      // The address that was checked is the one that is connected to.
      lookup: (_name, options, done) => (options.all ? done(null, [{ address, family }]) : done(null, address, family)),
    });
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", reject);
    });
    sent.on("error", (error) => reject(named(error, target.host)));
    sent.end(body);
  });
}

function named(error: Error, host: string): Refusal {
  const what =
    error.name === "TimeoutError" || error.name === "AbortError"
      ? `no answer within ${timeoutMs / 1000} seconds`
      : error.message;
  return new Refusal("unreachable", `${host} did not take it: ${what}.`, {
    fix: "Check that the receiver runs, and that this machine reaches it.",
    cause: error,
  });
}
