import { Skeleton } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";

/** Databases are asked whether they know of the erasures that were run in them. */
export default function Loading() {
  return (
    <Screen title="Erasures" answer="Looking at the erasures and at the databases that they were run in.">
      <Skeleton rows={6} label="The erasures are being read" />
    </Screen>
  );
}
