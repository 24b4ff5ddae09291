"use client";
import { Button } from "#components/ui/button.tsx";
import { Code } from "#components/ui/code.tsx";
import { Dialog } from "#components/ui/dialog.tsx";

interface ShownOnceProps {
  title: string;
  /** The secret; null while there is none to show. */
  text: string | null;
  what: string;
  note: string;
  onClose: () => void;
}

/** A secret that was just made, the only time that it can be seen. */
export function ShownOnce({ title, text, what, note, onClose }: ShownOnceProps) {
  return (
    <Dialog open={text !== null} onClose={onClose} title={title} description={note}>
      <Code text={text ?? ""} what={what} />
      <div className="mt-4 flex justify-end">
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      </div>
    </Dialog>
  );
}
