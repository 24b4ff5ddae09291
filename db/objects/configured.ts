import { resolve } from "node:path";
import { environment } from "../environment.ts";
import { folderStore } from "./folder-store.ts";
import { type S3Place, s3Store } from "./s3-store.ts";
import type { ObjectStore } from "./store.ts";

let store: ObjectStore | undefined;

/** The console's own store: CARETAKER_OBJECTS, or else the folder `objects` of its data. */
export function objectStore(): ObjectStore {
  const { CARETAKER_OBJECTS, CARETAKER_DATA } = environment();
  store ??= openStore(CARETAKER_OBJECTS ?? resolve(CARETAKER_DATA, "objects"));
  return store;
}

/**
 * Opens a store by its address: a folder, or s3://bucket/prefix?region=…&endpoint=… . Credentials for S3 come from the
 * environment (AWS_ACCESS_KEY_ID and its siblings, a profile, or the machine's role), never from the address.
 */
export function openStore(address: string): ObjectStore {
  return address.startsWith("s3://") ? s3Store(placeOf(address)) : folderStore(address);
}

function placeOf(address: string): S3Place {
  const url = new URL(address);
  if (url.username || url.password) throw new Error("An S3 address holds no credentials: give them by environment.");
  const endpoint = url.searchParams.get("endpoint");
  return {
    bucket: url.hostname,
    prefix: url.pathname.replaceAll(/^\/+|\/+$/g, ""),
    region: url.searchParams.get("region") ?? "us-east-1",
    ...(endpoint && { endpoint }),
  };
}
