"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useMemo } from "react";
import { QueryBox } from "#components/query/query-box.tsx";
import { auditLanguage } from "./audit-language.ts";

interface AuditQueryProps {
  text: string;
  /** What the address holds beside the query, and keeps. */
  kept: string;
  scope: Record<string, string>;
  aside: ReactNode;
}

/** The box over the log. */
export function AuditQuery({ text, kept, scope, aside }: AuditQueryProps) {
  const router = useRouter();
  const language = useMemo(() => auditLanguage(scope), [scope]);
  const go = (q: string) => {
    const params = new URLSearchParams(kept);
    if (q !== "") params.set("q", q);
    router.push(params.size > 0 ? `/audit?${params}` : "/audit");
  };
  return (
    <QueryBox
      label="Filter the audit log"
      placeholder="Any id, name or e-mail, or action:delete table:payments -actor:system"
      language={language}
      text={text}
      go={go}
      aside={aside}
    />
  );
}
