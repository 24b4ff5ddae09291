/** A replica as its server last heard of it. */
export interface Replica {
  pid: number;
  name: string;
  /** By PostgreSQL's own count, which stands still while the replica does not answer. */
  lagSeconds: number | null;
  /** How far in the log it has come; null where that says nothing of the kind. */
  replayedBytes: number | null;
}

/** The replica that is furthest behind. */
export interface Behind {
  replica: string;
  seconds: number;
}

interface Target {
  /** How far the log was. */
  bytes: number;
  since: number;
}

/** Counts by itself for how long a replica has not come to where the log was: one that has fallen silent is behind too. */
export class Replicas {
  private targets = new Map<number, Target>();

  /** `at` is in seconds by the server's clock, and `flushedBytes` how far its log was on disk then. */
  furthestBehind(at: number, flushedBytes: number, replicas: readonly Replica[]): Behind | null {
    const before = this.targets;
    this.targets = new Map();
    const behind = replicas.map(({ pid, name, lagSeconds, replayedBytes }): Behind => {
      if (replayedBytes === null) return { replica: name, seconds: lagSeconds ?? 0 };
      const known = before.get(pid);
      const target = known && replayedBytes < known.bytes ? known : { bytes: flushedBytes, since: at };
      this.targets.set(pid, target);
      return { replica: name, seconds: Math.max(lagSeconds ?? 0, at - target.since) };
    });
    return behind.toSorted((a, b) => b.seconds - a.seconds)[0] ?? null;
  }
}
