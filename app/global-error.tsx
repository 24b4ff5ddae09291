"use client";
import { FailedPage } from "./failed-page.tsx";
import type { FailureProps } from "./failure.tsx";
import { fonts } from "./fonts.ts";
import "./globals.css";

/** In place of the root layout when that fails; the theme is the system's, since the person's is not known here. */
export default function GlobalError(props: FailureProps) {
  return (
    <html lang="en" className={fonts}>
      <body>
        <title>This page could not be shown · Caretaker</title>
        <FailedPage {...props} />
      </body>
    </html>
  );
}
