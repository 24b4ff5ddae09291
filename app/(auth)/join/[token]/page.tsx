import type { Metadata } from "next";
import { EmptyState } from "#components/feedback/states.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { readInvitation } from "#db/staff/join.ts";
import { JoinForm } from "./join-form.tsx";

export const metadata: Metadata = { title: "Join", referrer: "no-referrer" };

export default async function JoinPage({ params }: PageProps<"/join/[token]">) {
  const { token } = await params;
  const invitation = await readInvitation(token);
  if (!invitation) {
    return (
      <>
        <h1 className="sr-only">Join Caretaker</h1>
        <EmptyState title="This link does not hold" action={<LinkButton href="/sign-in">Sign in</LinkButton>}>
          It was used, taken back, or has expired. Ask an administrator for a new one.
        </EmptyState>
      </>
    );
  }
  return (
    <div className="grid gap-4">
      <div>
        <h1 className="text-xl">Join Caretaker</h1>
        <p className="text-muted">
          {invitation.invitedBy
            ? `${invitation.invitedBy} invites you as ${invitation.role}.`
            : "You set this console up as its first administrator."}
        </p>
      </div>
      <JoinForm token={token} email={invitation.email} />
    </div>
  );
}
