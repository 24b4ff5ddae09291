// What placing tenants on servers is about. Types alone, so that screens may import it.

export const policyKinds = ["least_loaded", "region", "pinned"] as const;
export type PolicyKind = (typeof policyKinds)[number];

/** Where new tenants of one application go, and where its tenants are moved to. */
export interface PlacementPolicy {
  kind: PolicyKind;
  /** kind region: only servers there. */
  region: string | null;
  /** kind pinned: this one and no other. */
  serverId: string | null;
}

/** A server as placing sees it: what it can bear, and what it bore when it was last looked at. */
export interface ServerCapacity {
  id: string;
  name: string;
  region: string | null;
  /** The disk's size in bytes, as an administrator said; null: never said. */
  diskBytes: number | null;
  /** Statements that it can run at once, as an administrator said: about its cores. */
  cores: number | null;
  /** How many tenants may be copied to or from it at the same time. */
  movesAtOnce: number;
  /** Bytes of all its databases; null: never sampled. */
  usedBytes: number | null;
  /** Statements that ran at once, on average over the last hour. */
  load: number | null;
  sampledAt: string | null;
  /** Whether that is more than 15 minutes ago, so that three samples are missing. */
  silent: boolean;
}

/** Used over available, 0.7 is 70 %; null where either is not known. */
export interface Pressure {
  disk: number | null;
  load: number | null;
}

export interface ServerStanding extends ServerCapacity {
  pressure: Pressure;
  databases: number;
  tenants: number;
}

export function pressureOf({
  diskBytes,
  cores,
  usedBytes,
  load,
}: Pick<ServerCapacity, "diskBytes" | "cores" | "usedBytes" | "load">): Pressure {
  return {
    disk: diskBytes === null || usedBytes === null ? null : usedBytes / diskBytes,
    load: cores === null || load === null ? null : load / cores,
  };
}

/** Why nobody can say what a server bears now; null where it is known. */
export function unknownOf({ diskBytes, usedBytes, sampledAt, silent }: ServerCapacity): string | null {
  if (diskBytes === null) return "the size of its disk is not known";
  if (usedBytes === null || sampledAt === null) return "it was not sampled yet";
  return silent ? `it has not answered since ${sampledAt.slice(0, 16).replace("T", " ")} UTC` : null;
}

/** The worse of the two; null where neither is known. */
export function worstPressure({ disk, load }: Pressure): number | null {
  if (disk === null) return load;
  return load === null ? disk : Math.max(disk, load);
}
