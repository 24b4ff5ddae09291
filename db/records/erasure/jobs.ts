import type { JobKind } from "../../jobs/kind.ts";
import { searchErasure } from "./job/search.ts";

export const erasureJobs: JobKind[] = [searchErasure];
