import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { controlPool } from "../../control.ts";
import { environment } from "../../environment.ts";

/** Where files grow until they are whole, each named after its tenant: readable by the console's own account alone, since they hold everything. */
export async function partFolder(): Promise<string> {
  const folder = resolve(environment().CARETAKER_DATA, "tenants");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Removes what killed attempts left on this machine of tenants that no job writes now, an hour after it was last written. */
export async function sweepParts(olderThanMs = 3_600_000): Promise<string[]> {
  const folder = await partFolder();
  const written = await tenantsWritten();
  const removed: string[] = [];
  for (const file of await readdir(folder)) {
    if (!file.endsWith(".part") || written.has(file.slice(0, 36))) continue;
    const { mtimeMs } = await stat(join(folder, file));
    if (Date.now() - mtimeMs < olderThanMs) continue;
    await rm(join(folder, file), { force: true });
    removed.push(file);
  }
  return removed;
}

/** Those of one tenant, however old: nothing of it is written any more. */
export async function removeParts(tenantId: string): Promise<void> {
  const folder = await partFolder();
  for (const file of await readdir(folder)) {
    if (file.startsWith(`${tenantId}-`) && file.endsWith(".part")) await rm(join(folder, file), { force: true });
  }
}

/** A job that waits may be one whose worker writes on without knowing that it lost its lease. */
async function tenantsWritten(): Promise<Set<string>> {
  const { rows } = await controlPool().query<{ tenantId: string }>(
    `SELECT input->>'tenantId' AS "tenantId" FROM jobs
      WHERE kind IN ('tenants.export', 'tenants.leave') AND state IN ('queued', 'running')`,
  );
  return new Set(rows.map(({ tenantId }) => tenantId));
}
