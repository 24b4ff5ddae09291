"use client";
import { type ComponentProps, type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

interface DialogButtonProps extends Pick<ComponentProps<typeof Button>, "look" | "small" | "disabled"> {
  /** What the button says. */
  label: ReactNode;
  title: ReactNode;
  description?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** A button and the dialog it opens; usable from a server component. An ActionForm inside closes it when done. */
export function DialogButton({ label, title, description, wide, children, ...button }: DialogButtonProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button {...button} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={title} description={description} wide={wide}>
        {children}
      </Dialog>
    </>
  );
}
