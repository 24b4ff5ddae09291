import { z } from "zod";
import { seal, unseal } from "../../secrets/seal.ts";

/** What opens a receiver: a webhook's signing secret with the headers that it asks for, or a bucket's secret key. */
export interface StreamSecret {
  key: string;
  headers: Record<string, string>;
}

const withHeaders = z.object({ key: z.string(), headers: z.record(z.string(), z.string()) });

/** Sealed for the stream's row. A key alone is kept as it is. */
export function sealStreamSecret(id: string, { key, headers }: StreamSecret): string {
  return seal(Object.keys(headers).length === 0 ? key : JSON.stringify({ key, headers }), id);
}

/** Null where nothing opens the receiver, as with syslog. */
export function openStreamSecret({ id, secret }: { id: string; secret: string | null }): StreamSecret | null {
  if (secret === null) return null;
  const opened = unseal(secret, id);
  return opened.startsWith("{") ? withHeaders.parse(JSON.parse(opened)) : { key: opened, headers: {} };
}
