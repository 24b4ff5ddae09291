import { Skeleton } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";

export default function Loading() {
  return (
    <Screen title="Move" answer="Looking at where it stands.">
      <Skeleton rows={12} label="The move is being read" />
    </Screen>
  );
}
