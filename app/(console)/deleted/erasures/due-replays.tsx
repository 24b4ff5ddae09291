import Link from "next/link";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { PartialNote } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { Result } from "#db/errors.ts";
import type { DueReplays as Due, DueReplay } from "#db/records/erasure/closing/contract.ts";
import { closeToApplication, openToApplication, replay } from "./actions.ts";
import { OpenAnyway } from "./open-anyway.tsx";

interface DueReplaysProps {
  read: Result<Due>;
  /** Whether who looks may apply erasures, and close and open a database for it. */
  may: boolean;
}

/** The alarm at the top of a screen: databases that were put back to a state before erasures, and those that are closed because of it. */
export function DueReplays({ read, may }: DueReplaysProps) {
  if (!read.ok)
    return <FailedState title="Whether erasures are to be applied again is not known">{read.message}</FailedState>;
  return (
    <>
      <PartialNote silent={read.data.silent.map((one) => ({ ...one, kept: "whether erasures are due again" }))} />
      {read.data.due.map((one) => (
        <OneDatabase key={`${one.database} ${one.from}`} due={one} may={may} />
      ))}
    </>
  );
}

function OneDatabase({ due, may }: { due: DueReplay; may: boolean }) {
  const { database, databaseName, from, erasures, elsewhere, closed } = due;
  return (
    <div role="alert" className="flex flex-wrap items-center justify-between gap-2 rounded bg-sunken px-3 py-2">
      <div>
        {erasures === 0 ? (
          <p className="font-medium text-warning">▲ {databaseName} is closed to its application</p>
        ) : (
          <p className="font-medium text-critical">
            ■ {databaseName} {from === database ? "was put back to an earlier state" : "is a copy of another database"}
          </p>
        )}
        {elsewhere.length > 0 ? <Elsewhere people={elsewhere} name={databaseName} /> : null}
        {erasures === 0 && elsewhere.length === 0 ? (
          <p>
            No erasure is due in it. <Link href="/deleted/erasures">The checks of the erasures</Link> say what is left.
          </p>
        ) : erasures === 0 ? null : (
          <p>
            {counted(erasures, "erasure")} that {erasures === 1 ? "was" : "were"} run{" "}
            {from === database ? "in it" : "there"} {erasures === 1 ? "is" : "are"} to be applied again: applying closes
            the database to its application first, and opens it once nothing is left.
          </p>
        )}
        <Door due={due} />
      </div>
      {may ? (
        <div className="flex flex-wrap gap-2">
          {closed ? null : (
            <ActionButton
              action={closeToApplication}
              input={{ database, from }}
              doneMessage="Closed to its application"
            >
              Close it to the application
            </ActionButton>
          )}
          {closed && erasures === 0 && elsewhere.length === 0 ? (
            <ActionButton action={openToApplication} input={{ database }} doneMessage="Open to its application">
              Open it
            </ActionButton>
          ) : null}
          {closed ? null : (
            <ActionButton
              action={replay}
              input={{ database, from, keptOut: "true" }}
              doneMessage="Applying the erasures again"
            >
              Apply without closing: it is kept out already
            </ActionButton>
          )}
          {closed ? <OpenAnyway database={database} name={databaseName} /> : null}
          <ActionButton
            look="primary"
            action={replay}
            input={{ database, from }}
            doneMessage="Applying the erasures again"
          >
            {erasures === 0 ? "Apply the erasures again" : `Apply ${counted(erasures, "erasure")} again`}
          </ActionButton>
        </div>
      ) : null}
    </div>
  );
}

/** A backup of before their tenants left holds them, and nothing here knows by which row. */
function Elsewhere({ people, name }: { people: DueReplay["elsewhere"]; name: string }) {
  return (
    <p>
      {counted(people.length, "person", "people")} {people.length === 1 ? "was" : "were"} erased where their tenants
      lived after {name}: search for each here, and erase what is found.{" "}
      {people.slice(0, 5).map(({ id, subject }) => (
        <Link key={id} href={`/deleted/erasures/${id}`} className="mr-2 font-mono">
          {subject}
        </Link>
      ))}
    </p>
  );
}

/** Who can read it now. */
function Door({ due: { closed, admits, sessions } }: { due: DueReplay }) {
  return (
    <p className="text-muted">
      {closed ? (
        <>
          Closed <When at={closed.at} /> by {closed.by}: {closed.reason}{" "}
        </>
      ) : null}
      {admits.length > 0 ? `${admits.join(", ")} can connect to it. ` : null}
      {sessions > 0 ? `${counted(sessions, "session")} of others ${sessions === 1 ? "is" : "are"} open.` : null}
      {closed && admits.length === 0 && sessions === 0 ? "Nobody but superusers and the console can connect." : null}
    </p>
  );
}
