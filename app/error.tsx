"use client";
import { FailedPage } from "./failed-page.tsx";
import type { FailureProps } from "./failure.tsx";

/** Around the console's shell, which asks the control database itself, and the pages before signing in. */
export default function PageError(props: FailureProps) {
  return <FailedPage {...props} />;
}
