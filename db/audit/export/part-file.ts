import { createHash, type Hash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { environment } from "../../environment.ts";
import { Refusal } from "../../errors.ts";

/** Where an export was whole: so many bytes of that file, with that SHA-256. */
export interface Mark {
  file: string;
  bytes: number;
  sha256: string;
}

/** A place in the file to come back to, in this process. */
interface Place {
  bytes: number;
  hash: Hash;
}

/** The disk begins after so much, so that little is left to wait for once a slice is done. */
const syncEveryBytes = 32 << 20;

/** Where files lie while they grow: readable by the console's own account alone. */
export async function partFolder(): Promise<string> {
  const folder = resolve(environment().CARETAKER_DATA, "exports");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * A file that grows, hashed on the way. Every attempt writes a file of its own, so that a worker that wakes after it was replaced
 * writes where nobody reads.
 */
export class PartFile {
  readonly name: string;
  private readonly handle: FileHandle;
  private hash: Hash = createHash("sha256");
  private bytes = 0;
  private unsynced = 0;
  private syncing = Promise.resolve();

  private constructor(name: string, handle: FileHandle) {
    this.name = name;
    this.handle = handle;
  }

  static async begin(exportId: string): Promise<PartFile> {
    const name = `${exportId}.${randomBytes(6).toString("hex")}.part`;
    return new PartFile(name, await open(await partPath(name), "wx", 0o600));
  }

  /**
   * Goes on where an earlier attempt was whole, in a copy; the earlier file is needed until this one has been whole somewhere.
   *
   * @throws Refusal `conflict` when that file is not what it was.
   */
  static async resume(exportId: string, mark: Mark, signal: AbortSignal): Promise<PartFile> {
    const file = await PartFile.begin(exportId);
    try {
      const before = await partPath(mark.file);
      if (mark.bytes > 0) {
        for await (const chunk of createReadStream(before, { end: mark.bytes - 1, highWaterMark: 1 << 20, signal })) {
          await file.append(chunk);
        }
      }
      if (file.sha256() !== mark.sha256) throw notWhatItWas();
      return file;
    } catch (error) {
      await file.close();
      throw error instanceof Error && "code" in error && error.code === "ENOENT" ? notWhatItWas(error) : error;
    }
  }

  async append(chunk: Buffer | string): Promise<void> {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.hash.update(bytes);
    for (let from = 0; from < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, from, bytes.length - from, this.bytes + from);
      from += bytesWritten;
    }
    this.bytes += bytes.length;
    this.unsynced += bytes.length;
    if (this.unsynced >= syncEveryBytes) this.syncBehind();
  }

  private syncBehind(): void {
    this.unsynced = 0;
    this.syncing = this.syncing.then(() => this.handle.datasync());
    this.syncing.catch(() => undefined); // `settle` throws it: a disk tells an error once only.
  }

  /** Once this answers, what was written is on the disk, also after a power failure. */
  async settle(): Promise<Mark> {
    await this.syncing;
    await this.handle.datasync();
    return { file: this.name, bytes: this.bytes, sha256: this.sha256() };
  }

  here(): Place {
    return { bytes: this.bytes, hash: this.hash.copy() };
  }

  /** Forgets what was written since. */
  async back({ bytes, hash }: Place): Promise<void> {
    await this.handle.truncate(bytes);
    this.bytes = bytes;
    this.hash = hash.copy();
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.syncing]);
    await this.handle.close();
  }

  private sha256(): string {
    return this.hash.copy().digest("hex");
  }
}

export async function partPath(file: string): Promise<string> {
  return join(await partFolder(), basename(file));
}

function notWhatItWas(cause?: unknown): Refusal {
  return new Refusal("conflict", "The part that was already written is not on this worker's disk.", {
    fix: "Start the export again; where several workers run, let them share CARETAKER_DATA.",
    cause,
  });
}
