"use client";
import { Button } from "#components/ui/button.tsx";
import { Code } from "#components/ui/code.tsx";
import { Dialog } from "#components/ui/dialog.tsx";

interface SecretDialogProps {
  /** What was just made; one without a secret shows nothing. */
  made: { id: string; secret: string | null } | null;
  onClose: (id: string) => void;
}

/** A webhook's signing secret, the one time that it is shown. */
export function SecretDialog({ made, onClose }: SecretDialogProps) {
  return (
    <Dialog
      open={made?.secret != null}
      onClose={() => made && onClose(made.id)}
      title="The signing secret"
      description="The receiver checks each request with it, as standardwebhooks.com says. It cannot be shown again."
    >
      <Code text={made?.secret ?? ""} what="signing secret" />
      <div className="mt-4 flex justify-end">
        <Button look="primary" onClick={() => made && onClose(made.id)}>
          I have copied it
        </Button>
      </div>
    </Dialog>
  );
}
