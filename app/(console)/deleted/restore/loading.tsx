import { Skeleton } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";

/** A plan over many rows takes a second or two. */
export default function Loading() {
  return (
    <Screen title="Restore" answer="Looking at the rows, their parents and what holds their places.">
      <Skeleton rows={12} label="The plan is being made" />
    </Screen>
  );
}
