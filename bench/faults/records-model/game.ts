import type pg from "pg";
import type { World } from "./world.ts";

/** A database for cases, with how often each sort of thing was done in it. */
export interface Ground {
  databaseId: string;
  client: pg.Client;
  counts: Record<string, number>;
}

export interface Game {
  ground: Ground;
  schema: string;
  world: World;
  restores: string[];
}

export function count({ counts }: Ground, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
