import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Refusal } from "../errors.ts";
import { digest, digestFile, md5 } from "./digest.ts";
import { missing, taken } from "./refusals.ts";
import { partBytes, putInParts } from "./s3-parts.ts";
import { type Checked, checkedKey, type ObjectStore, type StoredObject } from "./store.ts";

export interface S3Place {
  bucket: string;
  /** Put before every key; "" for none. */
  prefix: string;
  region: string;
  /** For servers other than Amazon's. */
  endpoint?: string;
  /** Absent: from the environment, as Amazon's own tools find them. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** A store in a bucket of S3 or of a server that speaks its protocol. */
export function s3Store(where: S3Place): ObjectStore {
  const { bucket: Bucket, prefix, region, endpoint, credentials } = where;
  const place = `s3://${[Bucket, prefix].filter((part) => part !== "").join("/")}`;
  const client = new S3Client({
    region,
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    // The newer checksums are unknown to many compatible servers: Content-MD5 is checked by all, and the SHA-256 is ours.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 5_000 },
  });
  const full = (key: string) => (prefix === "" ? checkedKey(key) : `${prefix}/${checkedKey(key)}`);
  const at = (key: string) => ({ Bucket, Key: full(key) });

  async function ask<T>(work: Promise<T>, key: string): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw named(error, place, key);
    }
  }

  async function* read(key: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const { Body } = await ask(client.send(new GetObjectCommand(at(key)), { abortSignal: signal }), key);
    if (!Body) throw missing(place, key);
    yield* Body.transformToWebStream();
  }

  async function find(key: string, abortSignal?: AbortSignal): Promise<StoredObject | null> {
    try {
      const { ContentLength, LastModified } = await client.send(new HeadObjectCommand(at(key)), { abortSignal });
      return { key, bytes: ContentLength ?? 0, storedAt: (LastModified ?? new Date(0)).toISOString() };
    } catch (error) {
      if (isMissing(error)) return null;
      throw named(error, place, key);
    }
  }

  /** True when it is there already; refuses when something else is. */
  async function stands(key: string, put: Checked, signal?: AbortSignal): Promise<boolean> {
    if ((await find(key, signal)) === null) return false;
    if ((await digest(read(key, signal))).sha256 !== put.sha256) throw taken(key);
    return true;
  }

  async function putBytes(key: string, Body: Uint8Array, abortSignal?: AbortSignal): Promise<void> {
    const command = new PutObjectCommand({ ...at(key), Body, ContentMD5: md5(Body) });
    await ask(client.send(command, { abortSignal }), key);
  }

  return {
    place,
    async put(key, file, signal) {
      const put = await digestFile(file, signal);
      if (await stands(key, put, signal)) return put;
      if (put.bytes > partBytes) await ask(putInParts(client, at(key), file, put.bytes, signal), key);
      else await putBytes(key, await readFile(file), signal);
      return put;
    },
    async putText(key, text, signal) {
      const Body = Buffer.from(text, "utf8");
      const put = { bytes: Body.length, sha256: createHash("sha256").update(Body).digest("hex") };
      if (await stands(key, put, signal)) return put;
      await putBytes(key, Body, signal);
      return put;
    },
    read,
    find: (key) => find(key),
    async list(wanted) {
      const found: StoredObject[] = [];
      const skip = prefix === "" ? 0 : prefix.length + 1;
      let ContinuationToken: string | undefined;
      do {
        const Prefix = prefix === "" ? wanted : `${prefix}/${wanted}`;
        const page = await ask(client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken })), wanted);
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          if (Key === undefined) continue;
          const storedAt = (LastModified ?? new Date(0)).toISOString();
          found.push({ key: Key.slice(skip), bytes: Size ?? 0, storedAt });
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
      return found;
    },
    async remove(key) {
      await ask(client.send(new DeleteObjectCommand(at(key))), key);
    },
    fileOf: () => null,
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404 && error.name !== "NoSuchBucket";
}

function named(error: unknown, place: string, key: string): unknown {
  if (error instanceof Refusal || (error instanceof Error && error.name === "AbortError")) return error;
  if (isMissing(error)) return missing(place, key);
  const what = error instanceof Error ? error.message || error.name : String(error);
  return new Refusal("unreachable", `${place} did not take or give ${key}: ${what.replace(/\.$/, "")}.`, {
    fix: "Check the bucket, its region, the credentials and that this machine reaches it.",
    cause: error,
  });
}
