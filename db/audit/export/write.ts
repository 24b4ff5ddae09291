import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { isInterruption } from "../../jobs/finish.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import type { EntryKey, ManifestDatabase } from "./contract.ts";
import { copyCold } from "./copy-cold.ts";
import { type Copied, type CopySlice, copySlice } from "./copy-slice.ts";
import type { Share } from "./fix-set.ts";
import { type Mark, PartFile, partPath } from "./part-file.ts";
import { type Printer, printerOf } from "./printer.ts";
import type { ExportRow } from "./record.ts";
import type { Slice } from "./slices.ts";

/** How far an export is: the file is whole up to `mark`. */
interface Reached extends Mark {
  rows: number;
  databases: ManifestDatabase[];
  [more: string]: unknown;
}

/** Before the first slice there is no file: waiting for a disk to take its head would hold back the first entry. */
const nothing: Reached = { file: "", bytes: 0, sha256: "", rows: 0, databases: [] };

const tries = 5;

/** Which of an export's files is written: how its steps are told from the other's, and what of the job is done before. */
interface Pass {
  label: string;
  before: number;
  files: number;
}

/** Writes an export's file slice by slice. Each finished slice is a step of the job, so that another worker goes on after it. */
export async function writeFile(
  job: RunningJob,
  row: ExportRow,
  shares: readonly Share[],
  pass: Pass,
): Promise<Reached> {
  const writer = new Writer(job, row, pass);
  try {
    let reached: Reached = nothing;
    for (const [at, share] of shares.entries()) {
      for (const [piece, slice] of share.slices.entries()) {
        const before: Reached = reached;
        const name = `${pass.label}${at + 1}. ${share.name}, slice ${piece + 1} of ${share.slices.length}`;
        reached = await job.step(name, () => writer.slice(before, share, slice, piece === 0));
        await writer.committed(reached);
      }
    }
    const whole = reached;
    reached = await job.step(`${pass.label}Close the file`, () => writer.end(whole));
    await writer.committed(reached);
    return reached;
  } finally {
    await writer.close();
  }
}

class Writer {
  private file: PartFile | null = null;
  private stale: string | null = null;

  private readonly job: RunningJob;
  private readonly row: ExportRow;
  private readonly printer: Printer;
  private readonly pass: Pass;

  constructor(job: RunningJob, row: ExportRow, pass: Pass) {
    this.job = job;
    this.row = row;
    this.printer = printerOf(row.format, row.columns);
    this.pass = pass;
  }

  async slice(reached: Reached, share: Share, slice: Slice, opens: boolean): Promise<Reached> {
    const file = await this.at(reached);
    if (opens) await file.append(this.printer.opening(share));
    const copied = await this.copy(file, share, slice, reached.rows);
    const databases = opens ? [...reached.databases, none(share)] : reached.databases;
    return {
      ...(await file.settle()),
      rows: reached.rows + copied.rows,
      databases: databases.map((database) => (database.id === share.id ? grown(database, copied) : database)),
    };
  }

  async end(reached: Reached): Promise<Reached> {
    const file = await this.at(reached);
    const { sha256 } = await file.settle();
    await file.append(this.printer.end({ export: this.row.id, rows: String(reached.rows), sha256 }));
    return { ...reached, ...(await file.settle()) };
  }

  /** The state is another worker's to go on from: what an earlier attempt wrote is needed no more. */
  async committed(reached: Reached): Promise<void> {
    if (this.stale === null || this.file?.name !== reached.file) return;
    await rm(await partPath(this.stale), { force: true });
    this.stale = null;
  }

  async close(): Promise<void> {
    await this.file?.close();
  }

  private async at(reached: Reached): Promise<PartFile> {
    if (this.file) return this.file;
    if (reached === nothing) {
      this.file = await PartFile.begin(this.row.id);
      await this.file.append(this.printer.head);
      return this.file;
    }
    this.job.log("Reading again what was already written");
    this.file = await PartFile.resume(this.row.id, reached, this.job.signal);
    this.stale = reached.file;
    return this.file;
  }

  /** A connection that is lost costs the slice and not the export. */
  private async copy(file: PartFile, share: Share, slice: Slice, before: number): Promise<Copied> {
    const place = file.here();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.copyOnce(file, share, slice, before);
      } catch (error) {
        if (attempt === tries || this.job.signal.aborted || !isInterruption(error)) throw error;
        this.job.log(`The connection to ${share.name} was lost; this slice is copied again`);
        await file.back(place);
        await pause(500 * 2 ** attempt, undefined, { signal: this.job.signal });
      }
    }
  }

  private async copyOnce(file: PartFile, share: Share, slice: Slice, before: number): Promise<Copied> {
    const { job, printer, row, pass } = this;
    let lines = 0;
    const task: CopySlice = {
      share,
      slice,
      printer,
      zone: row.zone,
      signal: job.signal,
      async write(chunk) {
        await file.append(chunk);
        lines += linesIn(chunk);
        const done = pass.before + before + lines;
        const total = Math.max(Number(row.estimate) * pass.files, done + 1);
        await job.progress({ done, total, unit: "rows", line: `Copying from ${share.name}` });
      },
    };
    const copied = await (slice.cold ? copyCold(task, slice.cold) : copySlice(task));
    if (printer.oneLine && lines !== copied.rows) {
      throw new Error(`PostgreSQL says it copied ${copied.rows} entries, and ${lines} lines arrived.`);
    }
    return copied;
  }
}

function none({ id, name, snapshot }: Share): ManifestDatabase {
  return { id, name, rows: "0", first: null, last: null, snapshot };
}

function grown(database: ManifestDatabase, { rows, first, last }: Copied): ManifestDatabase {
  const edges: { first: EntryKey | null; last: EntryKey | null } = {
    first: database.first ?? first,
    last: last ?? database.last,
  };
  return { ...database, ...edges, rows: String(Number(database.rows) + rows) };
}

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
  return lines;
}
