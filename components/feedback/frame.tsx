import { clsx } from "clsx";
import type { ReactNode } from "react";

export interface StateProps {
  title: ReactNode;
  children?: ReactNode;
  /** What the person can do now. */
  action?: ReactNode;
}

interface FrameProps extends StateProps {
  icon: ReactNode;
  className?: string;
  ink?: string;
  role?: "alert";
}

/** What every state of a list or a part is drawn in. */
export function Frame({ icon, title, children, action, className, ink = "text-muted", role }: FrameProps) {
  return (
    <div role={role} className={clsx("grid justify-items-start gap-1 rounded border px-4 py-4", className)}>
      <p className={clsx("flex items-start gap-2 font-medium [&_svg]:size-4 [&_svg]:shrink-0", ink)}>
        <span aria-hidden="true" className="mt-0.5">
          {icon}
        </span>
        {title}
      </p>
      {children ? <div className="max-w-[80ch] text-muted">{children}</div> : null}
      {action ? <div className="mt-2 flex flex-wrap gap-2">{action}</div> : null}
    </div>
  );
}
