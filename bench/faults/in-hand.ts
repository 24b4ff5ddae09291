import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import type { Done, Task } from "./hand.ts";
import { Strikes } from "./strike.ts";

/** Serves a Hand: does what it is given, struck where it is to be, each time on new connections. */
export function serve(work: (given: never) => Promise<object>): void {
  const strikes = new Strikes();
  process.on("message", async ({ given, at, how }: Task) => {
    strikes.arm(at, how);
    const answer = await work(given as never).catch((error: unknown) => ({
      error: error instanceof Error ? error.message : String(error),
    }));
    const statements = strikes.disarm();
    await closeFleet().catch(() => {});
    await closeControl().catch(() => {});
    process.send?.({ ...answer, statements } satisfies Done);
  });
  process.on("disconnect", () => process.exit());
}
