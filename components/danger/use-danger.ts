"use client";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { toast } from "#components/feedback/toast.ts";
import { callAction, type Failure, type FormAction } from "#components/ui/action-result.ts";
import { useConsentActions } from "./consent-actions.tsx";

interface Danger<T> {
  verb: string;
  subject: string;
  planHash?: string;
  action: FormAction<T>;
  doneMessage?: string;
  redirectTo?: string;
  onDone?: (data: T) => void;
}

/** What stands between the person and the act: nothing yet, their password, or a second person. */
export type Step = "ask" | "password" | "approval" | "proposed";

/** Runs a dangerous act: tries it, asks for the password or for a second person when the act says so, and tries again. */
export function useDanger<T>(danger: Danger<T>, close: () => void) {
  const { reauthenticate, propose } = useConsentActions();
  const router = useRouter();
  const [step, setStep] = useState<Step>("ask");
  const [failure, setFailure] = useState<Failure | null>(null);
  const [pending, start] = useTransition();

  function run(input: FormData) {
    start(async () => {
      if (step === "password") {
        const proven = await callAction(reauthenticate, only(input, ["password"]));
        if (!proven.ok) return setFailure(proven);
      }
      input.delete("password");
      const result = await callAction(danger.action, input);
      if (!result.ok) return refuse(result);
      finish(result.data);
    });
  }

  function refuse(refused: Failure) {
    if (refused.code === "reauthentication") {
      setFailure(null);
      setStep("password");
      return;
    }
    if (refused.code === "approval" && danger.planHash) setStep("approval");
    setFailure(refused);
  }

  function finish(data: T) {
    if (danger.doneMessage) toast(danger.doneMessage);
    danger.onDone?.(data);
    close();
    setStep("ask");
    setFailure(null);
    if (danger.redirectTo) router.push(danger.redirectTo);
    else router.refresh();
  }

  function askSecondPerson(reason: string) {
    start(async () => {
      const proposal = new FormData();
      proposal.set("verb", danger.verb);
      proposal.set("subject", danger.subject);
      proposal.set("planHash", danger.planHash ?? "");
      proposal.set("reason", reason);
      const result = await callAction(propose, proposal);
      if (!result.ok) return setFailure(result);
      setFailure(null);
      setStep("proposed");
    });
  }

  return { step, failure, pending, run, askSecondPerson };
}

function only(input: FormData, names: string[]): FormData {
  const kept = new FormData();
  for (const name of names) kept.set(name, input.get(name) ?? "");
  return kept;
}
