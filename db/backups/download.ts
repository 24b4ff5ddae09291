import { type FileHandle, open } from "node:fs/promises";
import { type Actor, authorise } from "../actor.ts";
import { recordEvent } from "../audit/record-event.ts";
import { inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import type { Download } from "./contract.ts";
import { pathOf } from "./folder.ts";
import { recordOf } from "./record.ts";

export interface OpenedBackup {
  handle: FileHandle;
  file: string;
  bytes: number;
  /** Of the dump; the roles have none. */
  sha256: string | null;
}

/**
 * Opens a backup's file for reading, after recording who takes it. Without the record nothing is handed out.
 *
 * @throws Refusal `not_found` when there is no such file.
 */
export async function openBackup(actor: Actor, { id, part }: Download): Promise<OpenedBackup> {
  authorise(actor, "backups.download");
  const backup = await recordOf(id);
  const file = part === "globals" ? backup.globalsFile : backup.file;
  if (!file) throw new Refusal("not_found", "This backup has no roles beside it.", { fix: "Download the dump alone." });
  const handle = await openFile(file);
  try {
    const { size } = await handle.stat();
    await inControl(actor, (_tx, client) =>
      recordEvent(client, {
        action: "download",
        resourceType: "backups",
        resourceId: id,
        metadata: { file, part, bytes: size, database: backup.databaseName },
      }),
    );
    return { handle, file, bytes: size, sha256: part === "dump" ? backup.sha256 : null };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(await pathOf(file), "r");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new Refusal("not_found", `The file ${file} is gone from the backup folder.`, {
      fix: "Verify the backup to record that, and run a new one.",
      cause: error,
    });
  }
}
