import type { ReactNode } from "react";
import { Mark } from "#app/(console)/shell/mark.tsx";

/** What people see before they are in: one narrow column and nothing else. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto grid min-h-dvh w-full max-w-sm content-center gap-6 px-5 py-10">
      <p className="text-lg">
        <Mark />
      </p>
      {children}
    </main>
  );
}
