import { endExport, removeFiles } from "../../../audit/export/withdraw.ts";
import { recordEvent } from "../../../audit/record-event.ts";
import type { RunningJob } from "../../../jobs/kind.ts";

/** Ends the keeping of exports that hold the person: nobody is offered them any more, and then their files go. */
export async function withdrawExports(
  job: RunningJob,
  erasure: string,
  exports: readonly string[],
): Promise<{ exports: number }> {
  for (const id of exports) {
    await job.stepInControl(`withdraw export ${id}`, async (_tx, client) => {
      await endExport(client, id);
      await recordEvent(client, {
        action: "export-withdrawn",
        resourceType: "audit_exports",
        resourceId: id,
        metadata: { erasure },
      });
      return {};
    });
    await removeFiles(id);
  }
  return { exports: exports.length };
}
