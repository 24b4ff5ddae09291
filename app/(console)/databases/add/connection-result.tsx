import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type { testConnection } from "../actions.ts";

export type Report = Extract<Awaited<ReturnType<typeof testConnection>>, { ok: true }>["data"];

/** What trying a server showed, with what to do about it. */
export function ConnectionResult({ report }: { report: Report }) {
  const { fault, version, encrypted, notes, databases } = report;
  if (fault) {
    return (
      <section aria-label="Result of the test" className="grid gap-1 border-line border-t pt-3">
        <Status kind="critical">{fault.what}</Status>
        <p className="text-muted">{fault.fix}</p>
      </section>
    );
  }
  return (
    <section aria-label="Result of the test" className="grid gap-2 border-line border-t pt-3">
      <Status kind="good">
        It answers: PostgreSQL {version}, {encrypted ? "encrypted" : "not encrypted"},{" "}
        {counted(databases.length, "database")}.
      </Status>
      <ul className="grid gap-2">
        {notes.map((note) => (
          <li key={note.what}>
            <Status kind="warning">{note.what}</Status>
            <p className="pl-[18px] text-muted">{note.fix}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
