import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { Code } from "#components/ui/code.tsx";
import type { Attempt } from "#db/databases/isolation/contract.ts";
import { relationQuery } from "#db/databases/isolation/inputs.ts";
import { readIsolationOf } from "#db/databases/isolation/read.ts";
import { outcomeLooks, relationName, verdictLooks } from "../../words.ts";
import { FindingView } from "../finding-list.tsx";

export const metadata: Metadata = { title: "Isolation of a table" };

/** One table, view, partition or function: every attempt with its statement. */
export default async function RelationPage({
  params,
  searchParams,
}: PageProps<"/tenants/isolation/[database]/relation">) {
  const actor = await pageActor("databases.read");
  const { database } = await params;
  const query = relationQuery.safeParse(await searchParams);
  if (!query.success || !/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(database)) notFound();
  const found = await readIsolationOf(actor, database, query.data);
  if (!found) notFound();
  const look = verdictLooks[found.verdict];
  const leaked = found.attempts.filter(({ outcome }) => outcome === "leaked").length;
  return (
    <Screen
      title={<span className="font-mono">{relationName(found)}</span>}
      above={<Link href={`/tenants/isolation/${database}`}>Isolation</Link>}
      answer={
        <>
          <Status kind={look.kind}>{look.word}</Status> {found.detail}
        </>
      }
    >
      {found.findings.length > 0 ? (
        <Section title="Findings">
          <ul>
            {found.findings.map((finding) => (
              <FindingView
                key={finding.key}
                databaseId={database}
                finding={finding}
                manages={actor.capabilities.has("databases.manage")}
              />
            ))}
          </ul>
        </Section>
      ) : null}
      <Section
        title="What was tried"
        answer={
          found.attempts.length === 0
            ? "Nothing."
            : `${counted(found.attempts.length, "attempt")}, ${leaked === 0 ? "none of which leaked" : `${leaked} of which leaked`}.`
        }
      >
        {found.attempts.length > 0 ? <Attempts attempts={found.attempts} /> : null}
      </Section>
    </Screen>
  );
}

const order = ["leaked", "unproven", "skipped", "held"];

function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  const sorted = attempts
    .map((attempt, at) => ({ attempt, id: `${at}` }))
    .sort((one, other) => order.indexOf(one.attempt.outcome) - order.indexOf(other.attempt.outcome));
  return (
    <Table label="Attempts">
      <Head columns={[{ label: "Verb" }, { label: "Session" }, { label: "Outcome" }, { label: "What happened" }]} />
      <tbody>
        {sorted.map(({ attempt: { verb, session, outcome, detail, shows }, id }) => (
          <Row key={id}>
            <Cell mono narrow="title" className="align-top">
              {verb}
            </Cell>
            <Cell narrow="meta" className="align-top">
              {session}
            </Cell>
            <Cell narrow="end" className="align-top">
              <Status kind={outcomeLooks[outcome].kind}>{outcomeLooks[outcome].word}</Status>
            </Cell>
            <Cell narrow="meta" className="whitespace-normal align-top">
              {shows === "" ? (
                detail
              ) : (
                <details>
                  <summary className="cursor-pointer">{detail}</summary>
                  <div className="mt-1">
                    <Code text={shows} />
                  </div>
                </details>
              )}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
