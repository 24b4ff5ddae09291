"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useEffect, useState } from "react";
import { ConsentProvider } from "#components/danger/consent-actions.tsx";
import { Toaster } from "#components/feedback/toaster.tsx";
import { ClockProvider } from "#components/time/clock.tsx";
import type { FormAction } from "#components/ui/action-result.ts";
import { setPreferences } from "./actions.ts";

interface ProvidersProps {
  clock: "local" | "utc";
  /** The browser's zone as far as the server knows it. */
  zone: string;
  renderedAt: number;
  reauthenticate: FormAction;
  propose: FormAction;
  children: ReactNode;
}

export function Providers({ clock, zone, renderedAt, reauthenticate, propose, children }: ProvidersProps) {
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false } } }));
  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own !== zone) void setPreferences({ zone: own });
  }, [zone]);

  return (
    <QueryClientProvider client={queries}>
      <NuqsAdapter>
        <ClockProvider zone={clock === "utc" ? "UTC" : zone} renderedAt={renderedAt}>
          <ConsentProvider reauthenticate={reauthenticate} propose={propose}>
            {children}
            <Toaster />
          </ConsentProvider>
        </ClockProvider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}
