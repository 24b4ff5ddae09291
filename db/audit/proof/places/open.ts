import { stat } from "node:fs/promises";
import { Refusal } from "../../../errors.ts";
import { folderStore } from "../../../objects/folder-store.ts";
import type { ObjectStore } from "../../../objects/store.ts";
import type { CheckpointTarget } from "../../../schema/proof.ts";
import { bucketWords, openBucket, putObject } from "../../stream/bucket.ts";
import { postWebhook } from "../../stream/webhook.ts";
import { keyOf } from "../publish.ts";

export interface OpenedTarget {
  target: CheckpointTarget;
  /** Opened; null for a folder. */
  secret: string | null;
}

export interface PlacedCheckpoint {
  placeId: string;
  databaseId: string;
  size: number;
  note: string;
}

/**
 * Puts a checkpoint into a place, and answers only when it is there. Handed over twice it is the same, byte for byte; a folder or a
 * bucket that has another one of that size refuses it.
 */
export async function deliver(
  { target, secret }: OpenedTarget,
  { placeId, databaseId, size, note }: PlacedCheckpoint,
): Promise<void> {
  const key = keyOf(databaseId, size);
  switch (target.kind) {
    case "folder":
      await (await openFolder(target.folder)).putText(key, note);
      return;
    case "webhook":
      await postWebhook(target.url, secret ?? "", {
        id: `${placeId}.${databaseId}.${size}`,
        type: "text/plain; charset=utf-8",
        body: note,
      });
      return;
    case "s3":
      await putObject(target, secret ?? "", key, note);
  }
}

/** Where what was delivered can be read again; null for a webhook, whose receiver alone has it. */
export async function openPlace({ target, secret }: OpenedTarget): Promise<ObjectStore | null> {
  switch (target.kind) {
    case "folder":
      return openFolder(target.folder);
    case "webhook":
      return null;
    case "s3":
      return openBucket(target, secret ?? "");
  }
}

/** A folder that is not there is a disk that is not mounted: it is never made, or the machine's own disk would be written to. */
async function openFolder(folder: string): Promise<ObjectStore> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return folderStore(folder);
  throw new Refusal("unreachable", `The folder ${folder} is not there.`, {
    fix: "Mount it, or make it, on the machine of the worker.",
  });
}

/** Where it is, in one line. */
export function placeWords(target: CheckpointTarget): string {
  switch (target.kind) {
    case "folder":
      return target.folder;
    case "webhook":
      return target.url;
    case "s3":
      return bucketWords(target);
  }
}
