import { Mark } from "./(console)/shell/mark.tsx";
import type { FailureProps } from "./failure.tsx";
import { FailureLate } from "./failure-late.tsx";

/** A whole page in place of one that could not be drawn, its shell included. */
export function FailedPage(props: FailureProps) {
  return (
    <main className="mx-auto grid min-h-dvh w-full max-w-lg content-center gap-6 px-5 py-10">
      <p className="text-lg">
        <Mark />
      </p>
      <h1 className="text-xl">This page could not be shown</h1>
      <FailureLate {...props} />
    </main>
  );
}
