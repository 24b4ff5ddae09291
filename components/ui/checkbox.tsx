import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";

const boxClass = "size-4 shrink-0 accent-(--color-accent)";

interface CheckboxProps extends ComponentProps<"input"> {
  label: ReactNode;
  hint?: ReactNode;
  /** Only for a box whose meaning the row or column already shows; the label is still read out. */
  bare?: boolean;
}

/** The whole label is the target, at least 24 px high. */
export function Checkbox({ label, hint, bare = false, className, ...rest }: CheckboxProps) {
  return (
    <label
      className={clsx("flex min-h-6 gap-2", bare ? "min-w-6 items-center justify-center" : "items-start", className)}
    >
      <input type="checkbox" className={clsx(boxClass, !bare && "mt-0.5")} {...rest} />
      <span className={bare ? "sr-only" : undefined}>
        {label}
        {hint ? <span className="block text-faint text-xs">{hint}</span> : null}
      </span>
    </label>
  );
}
