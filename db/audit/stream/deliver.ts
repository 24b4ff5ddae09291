import { Refusal } from "../../errors.ts";
import { resolveAllowed } from "../../network.ts";
import { s3Store } from "../../objects/s3-store.ts";
import type { StreamTarget } from "../../schema/exports.ts";
import type { BatchEntry } from "./batch.ts";
import { sendSyslog } from "./syslog.ts";
import { postWebhook } from "./webhook.ts";

const timeoutMs = 30_000;

export interface Delivery {
  streamId: string;
  target: StreamTarget;
  /** Opened; null for syslog. */
  secret: string | null;
  databaseId: string;
  entries: readonly BatchEntry[];
}

/**
 * Hands a batch over, and returns only when the other side has it, with what it answered as a sentence. What was handed over twice
 * is the same, byte for byte.
 */
export async function deliver({ streamId, target, secret, databaseId, entries }: Delivery): Promise<string> {
  const name = nameOf(entries);
  const body = entries.map(({ line }) => `${line}\n`).join("");
  switch (target.kind) {
    case "webhook":
      return postWebhook(target.url, secret ?? "", { id: `${streamId}.${databaseId}.${name}`, body });
    case "syslog":
      return sendSyslog(target, databaseId, entries);
    case "s3":
      return putObject(target, secret ?? "", `${databaseId}/${dayOf(entries)}/${name}.ndjson`, body);
  }
}

async function putObject(
  { kind: _kind, accessKeyId, ...place }: Extract<StreamTarget, { kind: "s3" }>,
  secretAccessKey: string,
  key: string,
  body: string,
): Promise<string> {
  if (place.endpoint) await resolveAllowed(new URL(place.endpoint).hostname);
  const store = s3Store({ ...place, credentials: { accessKeyId, secretAccessKey } });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await store.putText(key, body, signal);
    return `It stored ${key}.`;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Refusal("unreachable", `${store.place} gave no answer within ${timeoutMs / 1000} seconds.`, {
      fix: "Check the endpoint, and that this machine reaches it.",
      cause: error,
    });
  }
}

/** From where to where it goes: which entries lie between is settled for ever, so that the same name is the same content. */
function nameOf(entries: readonly BatchEntry[]): string {
  const [first, last] = [entries[0], entries.at(-1)];
  return [first, last].map((entry) => `${entry?.transactionId}-${entry?.id}`).join("_");
}

function dayOf(entries: readonly BatchEntry[]): string {
  return entries[0]?.at.slice(0, 10).replaceAll("-", "/") ?? "none";
}
