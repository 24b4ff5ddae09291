import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { settle } from "#app/_server/settle.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { erasuresQuery } from "#db/records/erasure/contract.ts";
import { dueReplays } from "#db/records/erasure/due.ts";
import { erasureOfPlan, listErasures } from "#db/records/erasure/list.ts";
import { DeletedTabs } from "../deleted-tabs.tsx";
import { DueReplays } from "./due-replays.tsx";
import { cameTo, stateKind, stateWords } from "./words.ts";

export const metadata: Metadata = { title: "Erasures" };

interface ErasuresProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Who was erased, by whom and with what result; and where erasures are to be applied again after a restore. */
export default async function Erasures({ searchParams }: ErasuresProps) {
  const actor = await pageActor("records.read");
  const params = await searchParams;
  if (typeof params.plan === "string") {
    const erasure = await erasureOfPlan(actor, params.plan);
    if (erasure !== null) redirect(`/deleted/erasures/${erasure}`);
  }
  const { rows, next } = await listErasures(actor, erasuresQuery.catch({}).parse(params));
  const due = await settle(dueReplays(actor), "erasures that are due again");
  const may = actor.capabilities.has("records.erase");
  return (
    <Screen
      above={<Link href="/deleted">Deleted</Link>}
      title="Erasures"
      answer={
        rows.length === 0
          ? "Nobody was searched for yet."
          : `${counted(rows.length, "person", "people")}${next === null ? "" : " on this page"}, newest first.`
      }
      actions={
        may ? (
          <LinkButton look="primary" href="/deleted/erasures/new">
            Find a person
          </LinkButton>
        ) : null
      }
      filters={<DeletedTabs />}
    >
      <DueReplays read={due} may={may} />
      {rows.length === 0 ? (
        <EmptyState
          title="No erasure yet"
          action={may ? <LinkButton href="/deleted/erasures/new">Find a person</LinkButton> : null}
        >
          A search finds everything that names a person, for an erasure (Article 17) or for a copy of it (Article 15).
        </EmptyState>
      ) : (
        <Table label="Erasures">
          <Head
            columns={[
              { label: "Person" },
              { label: "State", width: "w-40" },
              { label: "Came to", width: "w-80" },
              { label: "By", width: "w-40" },
              { label: "When", align: "end", width: "w-28" },
            ]}
          />
          <tbody>
            {rows.map((row) => (
              <Row key={row.id}>
                <Cell narrow="title">
                  <Link href={`/deleted/erasures/${row.id}`} className="font-medium">
                    {row.subject}
                  </Link>{" "}
                  <span className="text-faint">{row.databaseName}</span>
                </Cell>
                <Cell>
                  <Status kind={stateKind(row)}>{stateWords(row)}</Status>
                </Cell>
                <Cell className="text-muted">{cameTo(row)}</Cell>
                <Cell>{row.askedBy}</Cell>
                <Cell align="end" narrow="end">
                  <When at={row.askedAt} inRow align="end" />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      {next === null ? null : (
        <div>
          <LinkButton href={`/deleted/erasures?cursor=${encodeURIComponent(next)}`}>Older erasures</LinkButton>
        </div>
      )}
    </Screen>
  );
}
