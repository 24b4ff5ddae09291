"use client";
import type { ComponentProps } from "react";
import { Button } from "./button.tsx";
import { useEarly } from "./use-early.ts";

type SubmitButtonProps = Omit<ComponentProps<typeof Button>, "type"> & { pending: boolean };

/**
 * Sends the form around it. Before the page's scripts run it takes no press, nor does Enter: the browser would send the form itself,
 * which no page here answers, and what was typed would be lost.
 */
export function SubmitButton({ pending, disabled = false, ...rest }: SubmitButtonProps) {
  const early = useEarly();
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
