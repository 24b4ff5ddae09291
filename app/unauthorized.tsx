import type { Metadata } from "next";
import { Notice } from "./(auth)/notice.tsx";

export const metadata: Metadata = { title: "Signed out" };

export default function UnauthorizedPage() {
  return (
    <Notice title="You are signed out" action={{ href: "/sign-in", label: "Sign in" }}>
      The session ended: after 30 minutes without use, after 12 hours, or because it was revoked.
    </Notice>
  );
}
