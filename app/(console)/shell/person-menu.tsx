"use client";
import { clsx } from "clsx";
import { UserRound } from "lucide-react";
import { useOptimistic, useTransition } from "react";
import { Menu, MenuButton, MenuHeading, MenuLink } from "#components/ui/menu.tsx";
import { setPreferences } from "./actions.ts";
import type { Preferences } from "./preferences.ts";
import { SignOut } from "./sign-out.tsx";

interface PersonMenuProps {
  name: string;
  role: string;
  preferences: Preferences;
}

const choices = [
  { name: "theme", label: "Theme", options: { system: "System", light: "Light", dark: "Dark" } },
  { name: "density", label: "Rows", options: { compact: "Dense", comfortable: "Comfortable" } },
  { name: "clock", label: "Times in", options: { local: "Local zone", utc: "UTC" } },
  { name: "keys", label: "Single-key shortcuts", options: { on: "On", off: "Off" } },
] as const;

/** Who is signed in, how they want to see the console, and the way out. */
export function PersonMenu({ name, role, preferences }: PersonMenuProps) {
  const [shown, show] = useOptimistic(preferences);
  const [, start] = useTransition();

  function choose(change: Partial<Preferences>) {
    start(async () => {
      show({ ...shown, ...change });
      Object.assign(document.documentElement.dataset, { theme: change.theme ?? shown.theme });
      Object.assign(document.documentElement.dataset, { density: change.density ?? shown.density });
      await setPreferences(change);
    });
  }

  return (
    <Menu look="ghost" name={`${name}, ${role}`} label={<UserRound aria-hidden="true" />} className="px-1.5">
      <p className="px-2 pt-1 font-medium">{name}</p>
      <p className="px-2 text-faint text-xs">{role}</p>
      {choices.map((choice) => (
        <fieldset key={choice.name}>
          <legend className="contents">
            <MenuHeading>{choice.label}</MenuHeading>
          </legend>
          <div className="flex gap-1 px-1">
            {Object.entries(choice.options).map(([value, label]) => (
              <button
                key={value}
                type="button"
                aria-pressed={shown[choice.name] === value}
                onClick={() => choose({ [choice.name]: value })}
                className={clsx(
                  "min-h-7 grow rounded-sm border px-2",
                  shown[choice.name] === value
                    ? "border-accent bg-accent-soft font-medium"
                    : "border-line hover:bg-hover",
                )}
              >
                {label}
              </button>
            ))}
          </div>
        </fieldset>
      ))}
      <div className="mt-2 border-line border-t pt-1">
        <MenuLink href="/settings">Sessions and API tokens</MenuLink>
        <MenuButton onClick={() => window.dispatchEvent(new Event("caretaker:help"))}>Keyboard shortcuts</MenuButton>
        <SignOut />
      </div>
    </Menu>
  );
}
