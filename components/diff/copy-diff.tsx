"use client";
import { toast } from "#components/feedback/toast.ts";
import { Menu, MenuButton } from "#components/ui/menu.tsx";
import { asJson, asMarkdown, asText } from "./copy-formats.ts";
import type { FieldChange } from "./fields.ts";

/** The difference as JSON, as a Markdown table for a ticket, or as plain lines. */
export function CopyDiff({ changes, subject }: { changes: FieldChange[]; subject: string }) {
  if (changes.length === 0) return null;
  const formats = [
    { name: "JSON", text: () => asJson(changes) },
    { name: "Markdown", text: () => asMarkdown(changes, subject) },
    { name: "text", text: () => asText(changes) },
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
