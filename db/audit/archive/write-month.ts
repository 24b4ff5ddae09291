import { join } from "node:path";
import { Refusal } from "../../errors.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { objectStore } from "../../objects/configured.ts";
import { digestFile, verifyObject } from "../../objects/digest.ts";
import { withDuck } from "../cold/duck.ts";
import { assertColumns } from "./columns.ts";
import { withConnection } from "./connection.ts";
import { type Content, copyOut } from "./content.ts";
import { type Manifest, manifestOf } from "./manifest.ts";
import { summarise, toCsv, toParquet } from "./parquet.ts";
import type { Archive } from "./registry.ts";
import { withScratch } from "./scratch.ts";
import { sealOf } from "./seal.ts";

export interface Subject {
  databaseId: string;
  databaseName: string;
  month: string;
}

/**
 * Stores a month's entries as Parquet with a manifest beside it, and reads both back: the file must print the very bytes that
 * PostgreSQL printed, and the store must give the very file that was put. Null when `known` already is that file.
 */
export function writeMonth(
  job: RunningJob,
  subject: Subject,
  relation: string,
  known: Archive | null,
): Promise<Manifest | null> {
  return withScratch(async (folder) => {
    const csv = join(folder, "entries.csv");
    const { seal, content } = await withConnection(subject.databaseId, job.signal, async (client) => {
      await assertColumns(client);
      const seal = await sealOf(client, subject.databaseId, subject.month, relation);
      const content = await copyOut(client, relation, csv, (bytes) =>
        job.progress({ done: bytes, total: null, unit: "bytes", line: `Reading ${subject.month}` }),
      );
      return { seal, content };
    });
    if (known?.contentSha256 === content.sha256) {
      job.log(`${subject.month} is stored already; reading it back`);
      await verifyObject(objectStore(), known.key, { sha256: known.sha256, bytes: Number(known.bytes) }, job.signal);
      return null;
    }
    return storeContent(job, subject, folder, csv, { ...content, seal });
  });
}

async function storeContent(
  job: RunningJob,
  { databaseId, databaseName, month }: Subject,
  folder: string,
  csv: string,
  content: Content & Pick<Manifest, "seal">,
): Promise<Manifest> {
  const parquet = join(folder, "entries.parquet");
  job.log(`Compressing ${content.rows} entries of ${month}`);
  const summary = await withDuck({ memory: "1GB", threads: 2, signal: job.signal, folder }, async (duck) => {
    await toParquet(duck, csv, content, parquet);
    const back = join(folder, "back.csv");
    await toCsv(duck, parquet, back);
    if ((await digestFile(back, job.signal)).sha256 !== content.sha256) throw notTheSame(month);
    return summarise(duck, parquet);
  });
  const { bytes, sha256 } = await digestFile(parquet, job.signal);
  const file = `${prefixOf(databaseId, month)}${sha256}.parquet`;
  const manifest = manifestOf({
    ...summary,
    ...{ databaseId, databaseName, month, file, bytes, sha256, contentSha256: content.sha256 },
    seal: content.seal,
    replaces: null,
  });
  await storeFile(job, manifest, parquet);
  return manifest;
}

/** Puts a file and its manifest, and reads the file back from where it now is. Its key is noted first: cut off, it is a known stray. */
export async function storeFile(job: RunningJob, manifest: Manifest, parquet: string): Promise<void> {
  const store = objectStore();
  job.log(`Storing ${manifest.month} in ${store.place} and reading it back`);
  await job.step(`${putStep}${manifest.file}`, async () => ({ manifestKey: manifestKeyOf(manifest) }));
  await store.put(manifest.file, parquet, job.signal);
  await verifyObject(store, manifest.file, { sha256: manifest.sha256, bytes: manifest.bytes }, job.signal);
  await store.remove(manifestKeyOf(manifest));
  await store.putText(manifestKeyOf(manifest), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** What begins the name of the step that notes a file's key before it is put. */
export const putStep = "put ";

/** Every object of a month has this prefix, and nothing else has. */
export function prefixOf(databaseId: string, month: string): string {
  return `audit/${databaseId}/${month}/`;
}

export function manifestKeyOf(manifest: Manifest): string {
  return manifest.file.replace(/\.parquet$/, ".json");
}

function notTheSame(month: string): Refusal {
  return new Refusal("conflict", `The file of ${month} does not print what PostgreSQL printed, so it was not kept.`, {
    fix: "Nothing was removed. Report this with the month's entries that differ.",
  });
}
