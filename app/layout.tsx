import type { Metadata, Viewport } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { readPreferences } from "#app/_server/preferences.ts";
import { requireControl } from "#app/_server/require-control.ts";
import { fonts } from "./fonts.ts";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Caretaker", template: "%s · Caretaker" },
  description: "The admin console for multi-tenant PostgreSQL.",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fafbfa" },
    { media: "(prefers-color-scheme: dark)", color: "#0f1313" },
  ],
};

/** Every page is rendered for its request: the nonce of its scripts and the person's theme are the request's own. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  await connection();
  await requireControl();
  const { theme, density } = await readPreferences();
  return (
    <html lang="en" data-theme={theme} data-density={density} className={fonts} suppressHydrationWarning>
      <body>{children}</body>
    </html>
  );
}
