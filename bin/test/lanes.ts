interface Task {
  name: string;
  /** Tasks that must have ended before this one begins; those that are not asked for are not waited for. */
  after?: readonly string[];
  /** Mostly waits, and takes no lane: it begins as soon as it may, beside the others. */
  waits?: boolean;
}

/** Runs the tasks in their order, at most `lanes` at once: whenever one ends, the first that may begin does. */
export async function runInLanes<T extends Task>(
  tasks: readonly T[],
  lanes: number,
  run: (task: T) => Promise<void>,
): Promise<void> {
  const unfinished = new Set(tasks.map(({ name }) => name));
  const waiting = [...tasks];
  const running = new Set<Promise<void>>();
  let taken = 0;
  while (waiting.length > 0 || running.size > 0) {
    const ready = waiting.findIndex(
      ({ after = [], waits }) => (waits || taken < lanes) && !after.some((name) => unfinished.has(name)),
    );
    const [task] = ready >= 0 ? waiting.splice(ready, 1) : [];
    if (task) {
      const width = task.waits ? 0 : 1;
      taken += width;
      const done: Promise<void> = run(task).finally(() => {
        unfinished.delete(task.name);
        running.delete(done);
        taken -= width;
      });
      running.add(done);
    } else if (running.size > 0) await Promise.race(running);
    else throw new Error(`${waiting.map(({ name }) => name).join(", ")} wait for one another.`);
  }
}
