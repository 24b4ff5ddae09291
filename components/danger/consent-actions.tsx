"use client";
import { createContext, type ReactNode, useContext } from "react";
import type { FormAction } from "#components/ui/action-result.ts";

interface ConsentActions {
  /** Proves the password again, for five minutes; takes `password`. */
  reauthenticate: FormAction;
  /** Asks for a second person; takes `verb`, `subject`, `planHash` and `reason`. */
  propose: FormAction;
}

const ConsentContext = createContext<ConsentActions | null>(null);

/** The shell hands in the two actions, so that dialogs anywhere below can ask for them. */
export function ConsentProvider({ children, ...actions }: ConsentActions & { children: ReactNode }) {
  return <ConsentContext value={actions}>{children}</ConsentContext>;
}

export function useConsentActions(): ConsentActions {
  const actions = useContext(ConsentContext);
  if (!actions) throw new Error("A danger dialog stands outside of the console's shell.");
  return actions;
}
