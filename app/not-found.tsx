import type { Metadata } from "next";
import { Notice } from "./(auth)/notice.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFoundPage() {
  return (
    <Notice title="There is nothing at this address" action={{ href: "/", label: "Go to the overview" }}>
      The link may be damaged, or what it led to is gone. Ids can be pasted into the search.
    </Notice>
  );
}
