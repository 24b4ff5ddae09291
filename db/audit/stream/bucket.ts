import { Refusal } from "../../errors.ts";
import { resolveAllowed } from "../../network.ts";
import { s3Store } from "../../objects/s3-store.ts";
import type { ObjectStore } from "../../objects/store.ts";
import type { StreamTarget } from "../../schema/exports.ts";
import type { Bucket } from "./contract.ts";

export type BucketTarget = Extract<StreamTarget, { kind: "s3" }>;

const timeoutMs = 30_000;

/** What of a bucket may be shown and recorded: all but the key that opens it. */
export function bucketTarget(input: Bucket): BucketTarget {
  const { bucket, prefix, region, endpoint, accessKeyId } = input;
  return { kind: "s3", bucket, prefix, region, ...(endpoint && { endpoint }), accessKeyId };
}

/** In one line. */
export function bucketWords({ bucket, prefix, endpoint }: BucketTarget): string {
  return `s3://${[bucket, prefix].filter(Boolean).join("/")}${endpoint ? ` at ${endpoint}` : ""}`;
}

/** Somebody else's bucket, whose endpoint is checked as a server's address is. */
export async function openBucket(
  { kind: _kind, accessKeyId, ...place }: BucketTarget,
  secretAccessKey: string,
): Promise<ObjectStore> {
  if (place.endpoint) await resolveAllowed(new URL(place.endpoint).hostname);
  return s3Store({ ...place, credentials: { accessKeyId, secretAccessKey } });
}

/** Answers only when the bucket has it, in a sentence. */
export async function putObject(
  target: BucketTarget,
  secretAccessKey: string,
  key: string,
  body: string,
): Promise<string> {
  const store = await openBucket(target, secretAccessKey);
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
