import { clsx } from "clsx";
import Link from "next/link";
import type { ComponentProps } from "react";

type Look = "primary" | "secondary" | "ghost" | "danger";

interface ButtonLook {
  look?: Look;
  small?: boolean;
}

const looks: Record<Look, string> = {
  primary: "border-accent bg-accent text-on-accent hover:bg-accent-strong hover:border-accent-strong",
  secondary: "border-edge bg-surface text-ink hover:bg-hover",
  ghost: "border-transparent text-muted hover:bg-hover hover:text-ink",
  danger: "border-critical bg-critical text-on-critical hover:opacity-90",
};

export function buttonClass({ look = "secondary", small = false }: ButtonLook): string {
  return clsx(
    "inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded border font-medium",
    "disabled:opacity-60 data-early:disabled:opacity-100 [&_svg]:size-4 [&_svg]:shrink-0",
    small ? "min-h-6 px-2 text-xs" : "min-h-(--control) px-3",
    looks[look],
  );
}

/** A verb with its object: "Restore 4 records". */
export function Button({ look, small, className, type = "button", ...rest }: ButtonLook & ComponentProps<"button">) {
  return <button type={type} data-button="" className={clsx(buttonClass({ look, small }), className)} {...rest} />;
}

/** Goes somewhere, and looks like a button. */
export function LinkButton({ look, small, className, ...rest }: ButtonLook & ComponentProps<typeof Link>) {
  return <Link data-button="" className={clsx(buttonClass({ look, small }), className)} {...rest} />;
}

/** For a target that is a file and not a screen: downloads never go through the client router. */
export function DownloadButton({ look, small, className, children, ...rest }: ButtonLook & ComponentProps<"a">) {
  return (
    <a data-button="" download className={clsx(buttonClass({ look, small }), className)} {...rest}>
      {children}
    </a>
  );
}
