import { Status } from "#components/feedback/status.tsx";
import { Button } from "#components/ui/button.tsx";

/** Above the list until somebody has read it. */
export function BulkRefusals({ told, close }: { told: string; close: () => void }) {
  return (
    <div role="alert" className="mb-3 flex items-start justify-between gap-3">
      <Status kind="warning">{told}</Status>
      <Button small look="ghost" onClick={close}>
        Close
      </Button>
    </div>
  );
}
