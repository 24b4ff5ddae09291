import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { releaseHash } from "#db/audit/retention/holds.ts";
import type { HoldStanding, StandingHold } from "#db/records/holds/contract.ts";
import { releaseHold } from "./actions.ts";
import { holdWords, keptWords, standingWords } from "./words.ts";

const columns = [
  { label: "Hold" },
  { label: "State", width: "w-64" },
  { label: "Keeps" },
  { label: "Reason" },
  { label: "Placed", width: "w-44" },
  { label: "Actions", hidden: true, width: "w-28" },
];

export function HoldList({ holds, mayManage }: { holds: StandingHold[]; mayManage: boolean }) {
  return (
    <Table label="Legal holds">
      <Head columns={columns} />
      <tbody>
        {holds.map((hold) => (
          <HoldRow key={hold.id} hold={hold} mayManage={mayManage} />
        ))}
      </tbody>
    </Table>
  );
}

function HoldRow({ hold, mayManage }: { hold: StandingHold; mayManage: boolean }) {
  const stands = hold.releasedAt === null;
  return (
    <Row id={hold.id}>
      <Cell narrow="title">
        <span className="font-medium">{hold.name}</span>
      </Cell>
      <Cell narrow="end">{stands ? <Standing of={hold} /> : <Status kind="neutral">released</Status>}</Cell>
      <Cell narrow="meta">
        {holdWords(hold)} <span className="text-muted">in {hold.databaseName ?? "every database"}</span>
        <span className="block text-muted">{keptWords(hold.standing)}</span>
      </Cell>
      <Cell narrow="meta">{hold.reason}</Cell>
      <Cell>
        {hold.placedBy ?? "the system"} <When at={hold.placedAt} />
      </Cell>
      <Cell align="end">
        {stands && mayManage ? (
          <DangerDialog
            small
            tier="irreversible"
            verb="retention.release_hold"
            subject={hold.name}
            effect="What it keeps may be removed again, by the application and by purges. A second person must agree."
            fields={{ id: hold.id }}
            planHash={releaseHash(hold)}
            action={releaseHold}
            confirm={`Release ${hold.name}`}
            label="Release"
          />
        ) : null}
      </Cell>
    </Row>
  );
}

/** One word where all databases agree; else one for each. */
function Standing({ of: { standing } }: { of: StandingHold }) {
  const [first] = standing;
  if (!first) return <Status kind="good">keeps entries</Status>;
  const one = standing.every(({ state, gaps }) => state === "in_force" && gaps.length === 0);
  return (
    <span className="grid gap-0.5">
      {(one ? [first] : standing).map((each) => (
        <One key={each.databaseId} standing={each} named={!one} />
      ))}
    </span>
  );
}

function One({
  standing: { state, databaseName, since, why, gaps },
  named,
}: {
  standing: HoldStanding;
  named: boolean;
}) {
  const { kind, word } = standingWords[state];
  return (
    <span>
      <Status kind={kind === "good" && gaps.length > 0 ? "warning" : kind}>
        {word}
        {named ? ` in ${databaseName}` : ""}
      </Status>{" "}
      {since ? (
        <span className="text-muted">
          since <When at={since} />
        </span>
      ) : null}
      {[why ?? [], gaps].flat().map((said) => (
        <span key={said} className="block text-muted text-xs">
          {said}
        </span>
      ))}
    </span>
  );
}
