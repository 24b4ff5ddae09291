import { cache } from "react";

/**
 * What the differences of one screen may cost together, in steps of some hundred nanoseconds: their values are up to 1 MiB each, are
 * whatever an application wrote, and are compared in the process that serves everybody.
 */
export class Effort {
  #left = 3_000_000;

  affords(steps: number): boolean {
    return steps <= this.#left;
  }

  /** Takes as many steps; false, and none are taken, where fewer are left. */
  spend(steps: number): boolean {
    if (!this.affords(steps)) return false;
    this.#left -= steps;
    return true;
  }
}

/** One for a request: the history of a record holds many differences. */
export const effortOfRequest = cache(() => new Effort());
