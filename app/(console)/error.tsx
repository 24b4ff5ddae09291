"use client";
import { FailedState } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Button, LinkButton } from "#components/ui/button.tsx";

/** A screen that could not be drawn. It never turns into an empty list. */
export default function ScreenError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <Screen title="This screen could not be shown">
      <FailedState
        title="It failed while it was read"
        action={
          <>
            <Button look="primary" onClick={reset}>
              Try again
            </Button>
            <LinkButton href="/">Go to the overview</LinkButton>
          </>
        }
      >
        Nothing was changed by this.
        {error.digest ? (
          <>
            {" "}
            If it stays, give the reference <code>{error.digest}</code> to whoever runs the console: it is in the log.
          </>
        ) : null}
      </FailedState>
    </Screen>
  );
}
