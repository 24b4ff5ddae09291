import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Actor } from "#db/actor.ts";
import { auditFilter, filterQuery } from "#db/audit/contract.ts";
import { type ExportPart, exportRequest } from "#db/audit/export/contract.ts";
import { openExport } from "#db/audit/export/download.ts";
import { readExport } from "#db/audit/export/list.ts";
import { requestExport } from "#db/audit/export/request.ts";
import { type Command, flag, parse, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { waitForJob } from "../wait.ts";
import { bytes } from "../words.ts";

export const exportLog: Command = {
  name: "audit export",
  usage:
    "[QUERY] --format csv|ndjson|ocsf|parquet [--database NAME|console] [--tenant KEY] [--columns NAME,NAME] [--zone ZONE] [--with-ndjson] [--with-proofs] [--keep-days N] [--output FILE] [--no-wait]",
  summary: "Have a worker export what the query shows, whole, and fetch the file with its manifest",
  options: {
    format: { type: "string" },
    database: { type: "string" },
    tenant: { type: "string" },
    columns: { type: "string" },
    zone: { type: "string" },
    "with-ndjson": { type: "boolean" },
    "with-proofs": { type: "boolean" },
    "keep-days": { type: "string" },
    output: { type: "string" },
    "no-wait": { type: "boolean" },
  },
  async run(actor, input) {
    const database = text(input, "database");
    const filter = parse(auditFilter, {
      q: input.positionals.length > 0 ? input.positionals.join(" ") : undefined,
      tenant: text(input, "tenant"),
      database: database === undefined || database === "console" ? database : await findDatabaseId(actor, database),
    });
    const request = parse(exportRequest, {
      query: filterQuery(filter),
      format: text(input, "format"),
      columns: text(input, "columns")?.split(","),
      zone: text(input, "zone"),
      keepDays: text(input, "keep-days"),
      withNdjson: flag(input, "with-ndjson"),
      withProofs: flag(input, "with-proofs"),
    });
    const { jobId } = await requestExport(actor, request);
    if (flag(input, "no-wait")) return { json: { jobId }, text: `Queued as job ${jobId}.` };
    await waitForJob(actor, jobId);
    const { rows, bytes: size, sha256, file, manifest } = await readExport(actor, jobId);
    const path = resolve(process.env.PWD ?? ".", text(input, "output") ?? file ?? jobId);
    await fetchPart(actor, jobId, "data", path);
    await fetchPart(actor, jobId, "manifest", `${path}.manifest.json`);
    const said = `${rows} entries, ${bytes(size)}, SHA-256 ${sha256}, in ${path} with its manifest beside it.`;
    const json = { id: jobId, file: path, rows, bytes: size, sha256 };
    if (manifest?.proof) {
      const proof = `${path}.proof`;
      await fetchPart(actor, jobId, "proof", proof);
      return { json: { ...json, proof }, text: `${said} Its proof is in ${proof}: bin/verify ${path} --key KEY` };
    }
    if (!manifest?.beside) return { json, text: said };
    const ndjson = `${path.replace(/\.csv$/, "")}.ndjson`;
    await fetchPart(actor, jobId, "ndjson", ndjson);
    await fetchPart(actor, jobId, "ndjson-manifest", `${ndjson}.manifest.json`);
    return { json: { ...json, ndjson }, text: `${said} The same entries as NDJSON are in ${ndjson}.` };
  },
};

/** A file stands under its name only when all of it has come. */
async function fetchPart(actor: Actor, id: string, part: ExportPart, path: string): Promise<void> {
  const { body } = await openExport(actor, { id, part });
  const draft = `${path}.${process.pid}.part`;
  try {
    await pipeline(body, createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
