import { isPoll, type Moment, Moments, recognise } from "./moments.ts";
import { add, type Found, type Ground, nothing, type Tally, type Victim } from "./scenario.ts";
import { ended, overdue } from "./watch.ts";
import type { Workers } from "./workers.ts";

/** A kind of job to be killed over and over. */
export interface JobSubject {
  /** Which kind is due next; the moments of each are counted apart. */
  due(): Promise<string>;
  /** Puts one into the queue. Answers the job's id. */
  begin(kind: string): Promise<string>;
  /** What stands now, which must be right at every moment. */
  look(id: string): Promise<Found>;
  /** What came of it: the job is done. */
  lookAtEnd(id: string): Promise<Found>;
}

/** A job is given up when it was interrupted five times. */
const blowsEach = 3;
/** In a row. */
const missedMax = 100;

/** Strikes up to three times while a job runs, until there were enough blows. */
export async function killJobs(ground: Ground, subject: JobSubject, workers: Workers, points: number): Promise<Tally> {
  const tally: Tally = { ...nothing, points: {}, givenUp: 0, statements: 0, struck: 0 };
  const known = new Map<string, Moments>();
  for (let made = 0, missed = 0; made < points; ) {
    if (missed > missedMax)
      throw new Error(`After ${made} blows none of ${missed} jobs came to where it was to be struck.`);
    const kind = await subject.due();
    const moments = known.get(kind);
    if (!moments) {
      known.set(kind, await undisturbed(ground, subject, workers, kind, tally));
      continue;
    }
    // Our own statements, which may pass the tap too, are no part of the work.
    workers.freeze();
    const id = await subject.begin(kind);
    for (const moment of moments.next(Math.min(blowsEach, points - made))) {
      const victim = victimOf(made);
      const armed = arm(ground, workers, victim, moment);
      workers.thaw();
      if (!(await struckBefore(ground, armed, id))) {
        moments.missed(moment);
        missed += 1;
        break;
      }
      moments.hit(moment);
      missed = 0;
      made += 1;
      tally.points[victim] = (tally.points[victim] ?? 0) + 1;
      await pickUp(ground, subject, workers, victim, id, tally);
    }
    workers.thaw();
    await conclude(subject, kind, id, tally);
  }
  for (const { counts } of known.values()) {
    tally.statements += counts.statements;
    tally.struck += counts.struck;
  }
  return tally;
}

/** Of three blows two meet the process and one the database. */
export function victimOf(made: number): "worker" | "database" {
  return made % 3 === 2 ? "database" : "worker";
}

/** One whole job, to learn its statements by. */
async function undisturbed(
  { tap, chance }: Ground,
  subject: JobSubject,
  workers: Workers,
  kind: string,
  tally: Tally,
): Promise<Moments> {
  workers.freeze();
  const id = await subject.begin(kind);
  const passed = tap.record();
  workers.thaw();
  await conclude(subject, kind, id, tally);
  return new Moments(
    passed.filter(({ statement }) => !isPoll(statement)),
    chance,
  );
}

function arm({ tap, server }: Ground, workers: Workers, victim: Victim, moment: Moment): Promise<string | null> {
  return tap.arm({
    picks: recognise(moment),
    side: moment.side,
    laterMs: moment.laterMs,
    strike: async () => (victim === "worker" ? workers.kill() : server.kill()),
  });
}

/** False when the job was over first. */
async function struckBefore({ tap }: Ground, armed: Promise<string | null>, id: string): Promise<boolean> {
  const over = new AbortController();
  const first = await Promise.race([armed, ended(id, over.signal).then(() => null)]);
  over.abort();
  tap.disarm();
  return first !== null;
}

/** Looks at what the blow left while nothing moves; the worker that goes on stands still until the next blow is ready. */
async function pickUp(
  { server, tap }: Ground,
  subject: JobSubject,
  workers: Workers,
  victim: Victim,
  id: string,
  tally: Tally,
): Promise<void> {
  if (victim === "worker") {
    await workers.gone();
    await tap.settled();
    add(tally, await subject.look(id));
    await overdue(id);
    await workers.follow();
    workers.freeze();
  } else {
    workers.freeze();
    await server.recover();
    add(tally, await subject.look(id));
  }
}

async function conclude(subject: JobSubject, kind: string, id: string, tally: Tally): Promise<void> {
  const end = await ended(id);
  if (end?.state === "done") return add(tally, await subject.lookAtEnd(id));
  tally.givenUp += 1;
  console.error(`${kind} gave up: ${end?.error}`);
  add(tally, await subject.look(id));
}
