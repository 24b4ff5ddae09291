import type { Metadata } from "next";
import { refusedCapability } from "#app/_server/session.ts";
import { rolesWith } from "#db/capabilities.ts";
import { Notice } from "./(auth)/notice.tsx";

export const metadata: Metadata = { title: "Not allowed" };

export default function ForbiddenPage() {
  const capability = refusedCapability();
  return (
    <Notice title="Your role does not show this screen" action={{ href: "/", label: "Go to the overview" }}>
      {capability ? (
        <>
          It needs the capability <code>{capability}</code>. The role {rolesWith(capability).join(" or ")} has it; an
          administrator can change your role.
        </>
      ) : (
        "An administrator can change your role."
      )}
    </Notice>
  );
}
