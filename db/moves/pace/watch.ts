import { setTimeout as pause } from "node:timers/promises";
import type { Session } from "../session.ts";
import type { Seen } from "./judge.ts";
import { type Look, look } from "./look.ts";
import { type Behind, Replicas } from "./replicas.ts";

const everyMs = 250;
const calmLooks = 5;

/** Looks at one server again and again, on a connection of its own, also while the move works. */
export class Watch {
  private readonly server: string;
  private readonly session: Session;
  private readonly leaving = new AbortController();
  private calmCommitMs = 0;
  private commitMs = 0;
  private last: Look | null = null;
  private readonly replicas = new Replicas();
  private behind: Behind | null = null;
  private walMbPerSecond = 0;
  private watching: Promise<void> | null = null;
  private lost: unknown = null;

  constructor(server: string, session: Session) {
    this.server = server;
    this.session = session;
  }

  /** Learns what a commit takes while the move does nothing, and goes on looking. */
  async begin(): Promise<void> {
    const commits: number[] = [];
    for (let n = 0; n < calmLooks; n += 1) {
      commits.push((await this.look()).commitMs);
    }
    this.calmCommitMs = commits.toSorted((a, b) => a - b)[Math.floor(calmLooks / 2)] ?? 0;
    this.commitMs = this.calmCommitMs;
    this.watching = this.watch().catch((error: unknown) => {
      this.lost = error;
    });
  }

  /** As it looked last. @throws what ended the watching, such as a lost connection. */
  seen(): Seen {
    if (this.lost) throw this.lost;
    const { othersWork = false, waitingSessions = 0 } = this.last ?? {};
    const { server, commitMs, calmCommitMs, behind, walMbPerSecond } = this;
    return { server, othersWork, commitMs, calmCommitMs, behind, walMbPerSecond, waitingSessions };
  }

  async end(): Promise<void> {
    this.leaving.abort();
    await this.session.close();
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.leaving.signal.aborted) {
      await pause(everyMs, undefined, { signal: this.leaving.signal });
      const before = this.last;
      const now = await this.look();
      if (before) {
        const elapsed = Math.max(0.001, now.at - before.at);
        const rate = (now.walBytes - before.walBytes) / elapsed / 1e6;
        this.walMbPerSecond += (rate - this.walMbPerSecond) * 0.3;
      }
      this.commitMs += (now.commitMs - this.commitMs) * 0.3;
    }
  }

  private async look(): Promise<Look> {
    this.last = await look(this.session.client);
    const { at, flushedBytes, replicas } = this.last;
    this.behind = this.replicas.furthestBehind(at, flushedBytes, replicas);
    return this.last;
  }
}
