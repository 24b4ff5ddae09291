import type { ReactNode } from "react";

/** Words behind a word, on hover and on focus; drawn by CSS alone. The child should be focusable, or `focusable` be set. */
export function Tooltip({
  text,
  focusable = false,
  align = "start",
  children,
}: {
  text: string;
  focusable?: boolean;
  align?: "start" | "end";
  children: ReactNode;
}) {
  const host = "tip-host relative inline-flex max-w-full items-center";
  const tip = (
    <span role="tooltip" className="tip" data-align={align}>
      {text}
    </span>
  );
  if (!focusable) {
    return (
      <span className={host}>
        {children}
        {tip}
      </span>
    );
  }
  return (
    <button type="button" className={`${host} cursor-default text-start`}>
      {children}
      {tip}
    </button>
  );
}
