import type { JobKind } from "../../jobs/kind.ts";
import { checkErased } from "./job/check.ts";
import { eraseRows } from "./job/erase.ts";
import { replayJob } from "./job/replay.ts";
import { searchErasure } from "./job/search.ts";

export const erasureJobs: JobKind[] = [searchErasure, eraseRows, checkErased, replayJob];
