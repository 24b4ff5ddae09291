/**
 * What one difference may cost, in steps of some hundred nanoseconds: its values are up to 1 MiB each, are whatever an application wrote,
 * and are compared in the process that serves everybody.
 */
export class Effort {
  #left = 1_500_000;

  /** Takes as many steps; false, and none are taken, where fewer are left. */
  spend(steps: number): boolean {
    if (steps > this.#left) return false;
    this.#left -= steps;
    return true;
  }
}
