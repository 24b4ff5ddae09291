"use client";
import { clsx } from "clsx";
import { X } from "lucide-react";
import { createContext, type ReactNode, useContext, useEffect, useId, useRef } from "react";
import { Button } from "./button.tsx";

const CloseContext = createContext<() => void>(() => {});

/** Closes the dialog around the caller. */
export function useCloseDialog(): () => void {
  return useContext(CloseContext);
}

// The platform would give the focus to the close button, which stands first.
const firstInput = ":is(input, textarea, select):not([type=hidden]):not(:disabled)";

// A confirmation names its object, however long that is.
const longButtons =
  "**:data-button:min-w-0 **:data-button:shrink **:data-button:whitespace-normal **:data-button:wrap-anywhere";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** The platform's modal dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({ open, onClose, title, description, wide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) {
      element.showModal();
      element.querySelector<HTMLElement>(firstInput)?.focus();
    }
    if (!open && element.open) element.close();
  }, [open]);

  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-description` : undefined}
      className={clsx(
        "max-h-[calc(100dvh-32px)] w-[calc(100vw-24px)] overflow-y-auto rounded border border-line bg-surface p-0",
        "shadow-float open:arrives",
        wide ? "max-w-3xl" : "max-w-lg",
      )}
    >
      {open ? (
        <CloseContext value={onClose}>
          <header className="flex items-start justify-between gap-3 px-5 pt-4">
            <h2 id={`${id}-title`} className="text-lg">
              {title}
            </h2>
            <Button look="ghost" small aria-label="Close" onClick={onClose} className="size-6 px-0">
              <X aria-hidden="true" />
            </Button>
          </header>
          {description ? (
            <div id={`${id}-description`} className="px-5 pt-1 text-muted">
              {description}
            </div>
          ) : null}
          <div className={clsx("px-5 pt-3 pb-5", longButtons)}>{children}</div>
        </CloseContext>
      ) : null}
    </dialog>
  );
}
