"use client";
import { type ComponentProps, useSyncExternalStore } from "react";
import { Button } from "./button.tsx";

type SubmitButtonProps = Omit<ComponentProps<typeof Button>, "type"> & { pending: boolean };

/**
 * Sends the form around it. Before the page's scripts run it takes no press, nor does Enter: the browser would send the form itself,
 * which no page here answers, and what was typed would be lost.
 */
export function SubmitButton({ pending, disabled = false, ...rest }: SubmitButtonProps) {
  const early = useSyncExternalStore(never, onceLoaded, beforeLoaded);
  return (
    <Button
      type="submit"
      disabled={early || pending || disabled}
      aria-busy={pending}
      data-early={early ? "" : undefined}
      {...rest}
    />
  );
}

const never = () => () => {};
const onceLoaded = () => false;
const beforeLoaded = () => true;
