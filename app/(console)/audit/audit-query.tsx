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
  /** Where the filtered list is. */
  path: "/audit" | "/audit/stories" | "/deleted";
  label: string;
  placeholder: string;
  aside?: ReactNode;
}

/** The box over a list that is filtered in the log's language. */
export function AuditQuery({ text, kept, scope, path, aside, ...words }: AuditQueryProps) {
  const router = useRouter();
  const language = useMemo(() => auditLanguage(scope), [scope]);
  const go = (q: string) => {
    const params = new URLSearchParams(kept);
    if (q !== "") params.set("q", q);
    router.push(params.size > 0 ? `${path}?${params}` : path);
  };
  return <QueryBox language={language} text={text} go={go} aside={aside} {...words} />;
}
