import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { currentActor } from "#app/_server/session.ts";
import { SignInForm } from "./sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const next = ownPath((await searchParams).next);
  if (await currentActor()) redirect(next);
  return (
    <div className="grid gap-4">
      <h1 className="text-xl">Sign in</h1>
      <SignInForm next={next} />
      <p className="text-faint text-xs">
        No account? An administrator can send you an invitation under Settings, Staff. Sessions end after 30 minutes
        without use.
      </p>
    </div>
  );
}

/** Only a path of this console: anything else in the address would send people elsewhere with our name on it. */
function ownPath(next: string | string[] | undefined): string {
  if (typeof next !== "string" || !/^\/(?![/\\])/.test(next)) return "/";
  const { origin, pathname, search } = new URL(next, "http://here");
  return origin === "http://here" && !pathname.startsWith("//") ? pathname + search : "/";
}
