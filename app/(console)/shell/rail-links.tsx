"use client";
import { clsx } from "clsx";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { PlaceIcon } from "./icons.tsx";
import { isWithin, type Place } from "./navigation.ts";
import { scoped, useScope } from "./scope.ts";

interface RailLinksProps {
  places: readonly Place[];
  narrow?: boolean;
  onGo?: () => void;
}

/** The areas; each link carries the scope. */
export function RailLinks({ places, narrow = false, onGo }: RailLinksProps) {
  const path = usePathname();
  const scope = useScope();
  return (
    <ul className="grid gap-0.5">
      {places.map((place) => {
        const current = isWithin(place.href, path);
        return (
          <li key={place.href}>
            <Link
              href={scoped(place.href, scope)}
              onClick={onGo}
              aria-current={current ? "page" : undefined}
              title={narrow ? place.label : undefined}
              className={clsx(
                "flex min-h-8 items-center gap-2.5 rounded px-2",
                narrow && "justify-center",
                current ? "bg-accent-soft font-medium text-accent-strong" : "text-muted hover:bg-hover hover:text-ink",
              )}
            >
              <PlaceIcon href={place.href} />
              <span className={narrow ? "sr-only" : undefined}>{place.label}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
