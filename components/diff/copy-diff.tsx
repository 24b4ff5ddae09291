"use client";
import { toast } from "#components/feedback/toast.ts";
import { Menu, MenuButton } from "#components/ui/menu.tsx";
import { asJson, asMarkdown, asText } from "./copy-formats.ts";
import { asSql, type SqlTarget } from "./copy-sql.ts";
import type { FieldChange } from "./fields.ts";

interface CopyDiffProps {
  changes: FieldChange[];
  /** Every field, also those that did not change: the key is among them. */
  all: FieldChange[];
  subject: string;
  target: SqlTarget | undefined;
  href: string | undefined;
}

/** The difference as JSON, as SQL that makes it, as a Markdown table for a ticket, as plain lines, or as a link to it. */
export function CopyDiff({ changes, all, subject, target, href }: CopyDiffProps) {
  if (changes.length === 0) return null;
  const sql = target === undefined ? null : asSql(changes, all, target);
  const formats = [
    { name: "JSON", text: () => asJson(changes) },
    ...(sql === null ? [] : [{ name: "SQL", text: () => sql }]),
    { name: "Markdown", text: () => asMarkdown(changes, subject) },
    { name: "text", text: () => asText(changes) },
    ...(href === undefined ? [] : [{ name: "link", text: () => new URL(href, window.location.href).href }]),
  ];
  return (
    <Menu label="Copy as…" look="ghost">
      {formats.map(({ name, text }) => (
        <MenuButton
          key={name}
          onClick={() => navigator.clipboard.writeText(text()).then(() => toast(`Copied as ${name}.`))}
        >
          {name}
        </MenuButton>
      ))}
    </Menu>
  );
}
