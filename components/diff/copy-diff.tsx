"use client";
import { toast } from "#components/feedback/toast.ts";
import { Menu, MenuButton } from "#components/ui/menu.tsx";
import type { CopyFormat } from "./copy-formats.ts";

interface CopyDiffProps {
  formats: readonly CopyFormat[];
  href: string | undefined;
}

/** The difference as JSON, as SQL that makes it, as a Markdown table for a ticket, as plain lines, or as a link to it. */
export function CopyDiff({ formats, href }: CopyDiffProps) {
  const copies = [
    ...formats.map(({ name, text }) => ({ name, text: () => text })),
    ...(href === undefined ? [] : [{ name: "link", text: () => new URL(href, window.location.href).href }]),
  ];
  return (
    <Menu label="Copy as…" look="ghost">
      {copies.map(({ name, text }) => (
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
