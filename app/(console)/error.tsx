"use client";
import type { FailureProps } from "#app/failure.tsx";
import { FailureLate } from "#app/failure-late.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";

/** A screen that could not be drawn. It never turns into an empty list. */
export default function ScreenError(props: FailureProps) {
  return (
    <Screen title="This screen could not be shown">
      <FailureLate {...props} action={<LinkButton href="/">Go to the overview</LinkButton>} />
    </Screen>
  );
}
