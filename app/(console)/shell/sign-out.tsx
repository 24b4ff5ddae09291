"use client";
import { LogOut } from "lucide-react";
import { useTransition } from "react";
import { toast } from "#components/feedback/toast.ts";
import { callAction } from "#components/ui/action-result.ts";
import { MenuButton } from "#components/ui/menu.tsx";
import { leave } from "./actions.ts";

/** Ends the session, then loads the sign-in page anew, so that nothing of this person stays in the browser's memory. */
export function SignOut() {
  const [pending, start] = useTransition();

  function send() {
    start(async () => {
      const result = await callAction(leave, new FormData());
      if (result.ok || result.code === "unauthenticated") window.location.assign("/sign-in");
      else toast(`${result.message} ${result.fix ?? ""}`);
    });
  }

  return (
    <MenuButton keepOpen disabled={pending} onClick={send}>
      <LogOut aria-hidden="true" />
      Sign out
    </MenuButton>
  );
}
