"use client";
import { clsx } from "clsx";
import Link from "next/link";
import { type ComponentProps, type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import { buttonClass } from "./button.tsx";
import { useEarly } from "./use-early.ts";

interface MenuProps {
  /** What the button shows. */
  label: ReactNode;
  /** The button's name when what it shows is not words. */
  name?: string;
  look?: "secondary" | "ghost";
  className?: string;
  children: ReactNode;
}

/** A button that opens a small panel of links and buttons in the top layer; arrows move, Escape closes and returns. */
export function Menu({ label, name, look = "secondary", className, children }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        data-button=""
        popoverTarget={id}
        aria-label={name}
        className={clsx(buttonClass({ look }), className)}
      >
        {label}
      </button>
      <div
        ref={panel}
        id={id}
        role="toolbar"
        aria-orientation="vertical"
        aria-label={name}
        popover="auto"
        onToggle={(event) => event.newState === "open" && place(button.current, panel.current)}
        onKeyDown={moveByArrows}
        className="fixed min-w-44 max-w-[calc(100vw-16px)] rounded border border-line bg-surface p-1 shadow-float open:arrives"
      >
        {children}
      </div>
    </>
  );
}

const itemClass =
  "flex min-h-7 w-full items-center gap-2 rounded-sm px-2 text-start hover:bg-hover [&_svg]:size-4 [&_svg]:text-faint";

export function MenuLink(props: ComponentProps<typeof Link>) {
  return <Link className={itemClass} onClick={(event) => closeAround(event.currentTarget)} {...props} />;
}

/** The panel opens without a script, so that a button in it may be there before its own has run. */
export function MenuButton(props: { keepOpen?: boolean } & ComponentProps<"button">) {
  const { onClick, keepOpen = false, disabled = false, ...rest } = props;
  const early = useEarly();
  return (
    <button
      type="button"
      disabled={early || disabled}
      className={itemClass}
      onClick={(event) => {
        if (!keepOpen) closeAround(event.currentTarget);
        onClick?.(event);
      }}
      {...rest}
    />
  );
}

export function MenuHeading({ children }: { children: ReactNode }) {
  return <p className="px-2 pt-2 pb-1 font-medium text-faint text-xs">{children}</p>;
}

function closeAround(element: HTMLElement) {
  element.closest<HTMLElement>("[popover]")?.hidePopover();
}

/** Below the button, aligned with its nearer edge, and never outside the window. */
function place(button: HTMLElement | null, panel: HTMLElement | null) {
  if (!button || !panel) return;
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const left = at.left + width > window.innerWidth - 8 ? at.right - width : at.left;
  const below = at.bottom + 4;
  panel.style.left = `${Math.max(8, left)}px`;
  panel.style.top = `${below + height > window.innerHeight ? Math.max(8, at.top - height - 4) : below}px`;
  panel.querySelector<HTMLElement>("a, button, input, select")?.focus();
}

function moveByArrows(event: KeyboardEvent<HTMLDivElement>) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("a, button")];
  const at = items.findIndex((item) => item.matches(":focus"));
  const next = items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
