import type { JobKind } from "../../jobs/kind.ts";
import { eraseRows } from "./job/erase.ts";
import { searchErasure } from "./job/search.ts";

export const erasureJobs: JobKind[] = [searchErasure, eraseRows];
