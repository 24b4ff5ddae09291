"use client";
import { Failure, type FailureProps } from "#app/failure.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";

/** A screen that could not be drawn. It never turns into an empty list. */
export default function ScreenError(props: FailureProps) {
  return (
    <Screen title="This screen could not be shown">
      <Failure {...props} action={<LinkButton href="/">Go to the overview</LinkButton>} />
    </Screen>
  );
}
