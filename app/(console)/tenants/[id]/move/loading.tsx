import { Skeleton } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";

export default function Loading() {
  return (
    <Screen title="Move a tenant" answer="Looking at where it lives.">
      <Skeleton rows={6} label="The choices are being read" />
    </Screen>
  );
}
