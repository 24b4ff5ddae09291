import { own, type Statement } from "../statement.ts";

/** What the application's roles may call. Trigger functions need no grant to fire, and without one nobody can attach them elsewhere. */
export const access: Statement[] = [
  own(
    "functions of caretaker",
    "A function installed here is nobody's to call until it is granted.",
    "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA caretaker FROM PUBLIC",
  ),
  own(
    "access to caretaker.set_context, log_event, admitted and readable",
    "Any role may say who acts, report an event, and be asked by a policy whether its tenant is admitted and lives here.",
    `
GRANT EXECUTE ON FUNCTION
  caretaker.set_context(text, text, text, text, text, text, text, text),
  caretaker.log_event(text, text, text, jsonb, text),
  caretaker.log_event_once(text, text, text, text, jsonb, text),
  caretaker.admitted(),
  caretaker.admitted(text),
  caretaker.readable(text, text, boolean),
  caretaker.is_mover() TO PUBLIC`,
  ),
];
