"use client";
import { type ComponentProps, lazy, Suspense } from "react";
import type { Failure } from "./failure.tsx";

type Props = ComponentProps<typeof Failure>;

/** Every screen carries this: what tells of a failure is fetched when there is one, and plain words stand where it cannot come. */
export function FailureLate(props: Props) {
  return (
    <Suspense fallback={<Plain {...props} />}>
      <Told {...props} />
    </Suspense>
  );
}

const Told = lazy(() =>
  import("./failure.tsx").then(
    ({ Failure: found }) => ({ default: found }),
    () => ({ default: Plain }),
  ),
);

function Plain({ retry }: Props) {
  return (
    <button type="button" onClick={retry}>
      Try again
    </button>
  );
}
