import { Skeleton } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";

export default function Loading() {
  return (
    <Screen title="Leftovers of moves" answer="Looking into every database.">
      <Skeleton rows={12} label="The databases are being looked into" />
    </Screen>
  );
}
