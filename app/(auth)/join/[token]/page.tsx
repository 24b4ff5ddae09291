import type { Metadata } from "next";
import { EmptyState } from "#components/feedback/states.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { OpenInvitation } from "#db/staff/contract.ts";
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
        <h1 className="text-xl">{invitation.account === null ? "Join Caretaker" : "Set a new password"}</h1>
        <p className="text-muted">{wordsFor(invitation)}</p>
      </div>
      <JoinForm token={token} email={invitation.email} known={invitation.account !== null} />
    </div>
  );
}

function wordsFor({ email, role, invitedBy, account }: OpenInvitation): string {
  if (email === null) return "You set this console up as its first administrator.";
  const who = invitedBy ?? "Whoever runs this console";
  return account === null
    ? `${who} invites you as ${role}.`
    : `${who} made this link for ${account}, who signs in as ${role} afterwards. It ends the account's open sessions.`;
}
