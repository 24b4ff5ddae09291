import type { JobKind } from "../../jobs/kind.ts";
import { alone } from "../archive/alone.ts";
import { archiveMonth } from "../archive/archive-month.ts";
import { returnMonth } from "../archive/return-month.ts";
import { expireMonth } from "./expire-month.ts";

/** What moves months of the log. */
export const retentionJobs: JobKind[] = [archiveMonth, returnMonth, expireMonth].map(alone);
