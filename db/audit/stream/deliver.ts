import type { StreamTarget } from "../../schema/exports.ts";
import type { BatchEntry } from "./batch.ts";
import { putObject } from "./bucket.ts";
import type { StreamSecret } from "./secret.ts";
import { sendSyslog } from "./syslog.ts";
import { postWebhook, TooLarge } from "./webhook.ts";

export interface Delivery {
  streamId: string;
  revision: number;
  target: StreamTarget;
  /** Null for syslog. */
  secret: StreamSecret | null;
  databaseId: string;
  entries: readonly BatchEntry[];
}

/**
 * Hands over the first entries of a batch, at most so many, and half as many each time that the receiver finds them too large.
 * Answers how many it has.
 */
export async function deliverFitting(delivery: Delivery, entriesMax: number): Promise<number> {
  const entries = delivery.entries.slice(0, entriesMax);
  try {
    await deliver({ ...delivery, entries });
    return entries.length;
  } catch (error) {
    if (!(error instanceof TooLarge) || entries.length === 1) throw error;
    return deliverFitting(delivery, Math.ceil(entries.length / 2));
  }
}

/**
 * Hands a batch over, and returns only when the other side has it, with what it answered as a sentence. What was handed over twice
 * is the same, byte for byte.
 */
export async function deliver(delivery: Delivery): Promise<string> {
  const { streamId, revision, target, secret, databaseId, entries } = delivery;
  const name = nameOf(revision, entries);
  const body = entries.map(({ line }) => `${line}\n`).join("");
  switch (target.kind) {
    case "webhook":
      return postWebhook(target.url, secret?.key ?? "", {
        ...(secret && { headers: secret.headers }),
        id: `${streamId}.${databaseId}.${name}`,
        type: "application/x-ndjson",
        body,
      });
    case "syslog":
      return sendSyslog(target, databaseId, entries);
    case "s3":
      return putObject(target, secret?.key ?? "", `${databaseId}/${dayOf(entries)}/${name}.ndjson`, body);
  }
}

/**
 * From where to where it goes: which entries lie between is settled for ever, so that the same name is the same content. After a
 * change other entries may lie there, or other lines tell them, so that the name says after which.
 */
function nameOf(revision: number, entries: readonly BatchEntry[]): string {
  const [first, last] = [entries[0], entries.at(-1)];
  const name = [first, last].map((entry) => `${entry?.transactionId}-${entry?.id}`).join("_");
  return revision === 1 ? name : `${name}_r${revision}`;
}

function dayOf(entries: readonly BatchEntry[]): string {
  return entries[0]?.at.slice(0, 10).replaceAll("-", "/") ?? "none";
}
