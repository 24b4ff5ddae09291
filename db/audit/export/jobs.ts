import type { JobKind } from "../../jobs/kind.ts";
import { runExport } from "./run.ts";

export { sweepExports } from "./sweep.ts";

export const exportJobs: JobKind[] = [runExport];
