import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openStore } from "./configured.ts";
import { digestFile, fetchObject, verifyObject } from "./digest.ts";
import { folderStore } from "./folder-store.ts";
import { partBytes } from "./s3-parts.ts";
import { s3Store } from "./s3-store.ts";
import { checkedKey, type ObjectStore } from "./store.ts";
import { s3Server } from "./testing/s3-server.ts";

let folder: string;
let server: Awaited<ReturnType<typeof s3Server>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-objects-"));
  server = await s3Server();
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const stores: [string, () => ObjectStore][] = [
  ["a folder", () => folderStore(join(folder, "store"))],
  ["S3", () => s3Store(server.place)],
];

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe.each(stores)("a store in %s", (_name, open) => {
  test("gives back exactly what was put, and says its length and hash", async () => {
    const source = await file("one", "entries of March\n");
    const put = await open().put("audit/app/one", source);
    expect(put).toEqual(await digestFile(source));
    const back = join(folder, "back");
    await fetchObject(open(), "audit/app/one", back, put);
    expect(await readFile(back, "utf8")).toBe("entries of March\n");
    await verifyObject(open(), "audit/app/one", put);
  });

  test("takes the same content twice and other content never", async () => {
    const source = await file("two", "first");
    await open().put("two", source);
    await open().put("two", source);
    await expect(open().put("two", await file("other", "second"))).rejects.toMatchObject({ code: "conflict" });
    await expect(open().putText("two", "second")).rejects.toMatchObject({ code: "conflict" });
  });

  test("lists by prefix in the order of keys, and forgets what is removed", async () => {
    for (const key of ["list/b", "list/a", "list/sub/c", "lists"]) await open().putText(key, key);
    expect((await open().list("list/")).map(({ key }) => key)).toEqual(["list/a", "list/b", "list/sub/c"]);
    await open().remove("list/a");
    await open().remove("list/a");
    expect((await open().list("list/")).map(({ key }) => key)).toEqual(["list/b", "list/sub/c"]);
    expect(await open().find("list/a")).toBeNull();
    expect(await open().find("list/b")).toMatchObject({ bytes: 6 });
  });

  test("says that an object is missing, and that one is not what was stored", async () => {
    await expect(verifyObject(open(), "never", { bytes: 1, sha256: "" })).rejects.toMatchObject({ code: "not_found" });
    const put = await open().putText("damaged", "as it was");
    const other = { ...put, sha256: "0".repeat(64) };
    await expect(verifyObject(open(), "damaged", other)).rejects.toMatchObject({ code: "conflict" });
  });

  test("takes a file of many parts", async () => {
    const source = await file("large", Buffer.alloc(partBytes + 12_345, "entry "));
    const put = await open().put("large", source);
    await verifyObject(open(), "large", await digestFile(source));
    expect(put.bytes).toBe(partBytes + 12_345);
  });
});

test("a folder takes a file of its own disk without copying it, and keeps it when the file goes", async () => {
  const source = await file("export.part", "every entry\n");
  const store = folderStore(join(folder, "store"));
  const put = await store.put("exports/one", source);
  expect((await stat(store.fileOf("exports/one") ?? "")).ino).toBe((await stat(source)).ino);
  await rm(source);
  await verifyObject(store, "exports/one", put);
});

test("a folder loses what a killed process left half written, after a day and not before", async () => {
  const root = join(folder, "swept");
  const left = join(root, "exports", "one.0123456789ab.part");
  await folderStore(root).putText("exports/one", "whole");
  await writeFile(left, "half");
  await folderStore(root).putText("two", "whole");
  expect((await stat(left)).size).toBe(4);
  vi.useFakeTimers({ now: Date.now() + 25 * 3_600_000, toFake: ["Date"] });
  await folderStore(root).putText("three", "whole");
  vi.useRealTimers();
  await expect(stat(left)).rejects.toMatchObject({ code: "ENOENT" });
  expect((await folderStore(root).list("")).map(({ key }) => key)).toEqual(["exports/one", "three", "two"]);
});

test("a key that could leave the store's place is refused", () => {
  for (const key of ["", "/etc/passwd", "../x", "a/../b", "a//b", ".hidden", "a/.b", "a b", "a\u0000"]) {
    expect(() => checkedKey(key)).toThrow("impossible");
  }
  expect(checkedKey("audit/app/2026-03/entries_1.parquet")).toBe("audit/app/2026-03/entries_1.parquet");
});

test("a bucket that does not answer is told as a place, not as a stack trace", async () => {
  const gone = s3Store({ ...server.place, bucket: "no-such-bucket" });
  await expect(gone.putText("x", "y")).rejects.toMatchObject({ code: "unreachable" });
});

test("an address with credentials in it is refused", () => {
  expect(() => openStore("s3://key:secret@bucket/prefix")).toThrow("no credentials");
  expect(openStore("s3://bucket/some/prefix?region=eu-central-1").place).toBe("s3://bucket/some/prefix");
});
