import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { restoresQuery } from "#db/records/restore/contract.ts";
import { listRestores } from "#db/records/restore/report/list.ts";
import { reportHref } from "../addresses.ts";
import { DeletedTabs } from "../deleted-tabs.tsx";
import { came, stateKind, stateWords, titleOf } from "./words.ts";

export const metadata: Metadata = { title: "Restores" };

interface RestoresProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Who restored what, newest first. */
export default async function Restores({ searchParams }: RestoresProps) {
  const actor = await pageActor("records.read");
  const query = restoresQuery.catch({}).parse(await searchParams);
  const { rows, next } = await listRestores(actor, query);
  return (
    <Screen
      above={<Link href="/deleted">Deleted</Link>}
      title="Restores"
      answer={
        rows.length === 0
          ? "Nothing was restored yet."
          : `${counted(rows.length, "restore")}${next === null ? "" : " on this page"}, newest first. Each can be undone for 30 days.`
      }
      filters={<DeletedTabs />}
    >
      {rows.length === 0 ? (
        <EmptyState
          title="No restore yet"
          action={<LinkButton href="/deleted">Look at the deleted records</LinkButton>}
        >
          What somebody brings back stands here, with the proof of every row.
        </EmptyState>
      ) : (
        <Table label="Restores">
          <Head
            columns={[
              { label: "What" },
              { label: "State", width: "w-40" },
              { label: "Came to", width: "w-72" },
              { label: "By", width: "w-40" },
              { label: "When", align: "end", width: "w-28" },
            ]}
          />
          <tbody>
            {rows.map((row) => (
              <Row key={row.id}>
                <Cell narrow="title">
                  <Link href={reportHref(row.id)} className="font-medium">
                    {titleOf(row)}
                  </Link>{" "}
                  <span className="text-faint">{row.databaseName}</span>
                </Cell>
                <Cell>
                  <Status kind={stateKind(row)}>{stateWords(row)}</Status>
                </Cell>
                <Cell className="text-muted">{came(row)}</Cell>
                <Cell>{row.actorName}</Cell>
                <Cell align="end" narrow="end">
                  <When at={row.startedAt} inRow align="end" />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      {next === null ? null : (
        <div>
          <LinkButton href={`/deleted/restores?cursor=${encodeURIComponent(next)}`}>Older restores</LinkButton>
        </div>
      )}
    </Screen>
  );
}
