import type { JobKind } from "../../jobs/kind.ts";
import type { Schedule } from "../../jobs/schedule.ts";
import { checkErased } from "./job/check.ts";
import { eraseRows } from "./job/erase.ts";
import { forgetSearches } from "./job/forget.ts";
import { replayJob } from "./job/replay.ts";
import { searchErasure } from "./job/search.ts";

export const erasureJobs: JobKind[] = [searchErasure, eraseRows, checkErased, replayJob];

export const erasureSchedules: Schedule[] = [{ name: forgetSearches.kind, cron: "19 4 * * *", run: forgetSearches }];
