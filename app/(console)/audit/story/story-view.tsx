import Link from "next/link";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { Story } from "#db/audit/story.ts";
import { nounOf } from "#db/audit/story-noun.ts";
import { ActionMark } from "../action-mark.tsx";
import { auditHref, transactionHref } from "../addresses.ts";
import { StoryTree } from "./story-tree.tsx";
import { WhoFacts } from "./who-facts.tsx";

/** A story from the answer to the evidence: who, how much, and every row along its foreign keys. */
export function StoryView({ story, query }: { story: Story; query: Record<string, string> }) {
  const { first, counts, tree, entries, more, transactions } = story;
  return (
    <>
      <WhoFacts entry={first} tenantName={counts.find(({ tenant }) => tenant === first.tenant)?.tenantName ?? null} />
      <Section
        title="How much"
        aside={
          <span className="inline-flex gap-3">
            <Copy text={`${story.sentence}.`} label="Copy as text" />
            <Copy text={`<p>${story.html}.</p>`} label="Copy as HTML" />
          </span>
        }
      >
        <Table label="What was done, by table" stacks={false}>
          <Head columns={[{ label: "What" }, { label: "Tenant" }, { label: "Rows", align: "end" }]} />
          <tbody>
            {counts.map((count) => (
              <Row key={JSON.stringify([count.action, count.schema, count.table, count.tenant])}>
                <Cell>
                  <ActionMark action={count.action} />
                  {count.table === null ? count.action : nounOf(count.table, count.rows)}
                </Cell>
                <Cell>{count.tenantName ?? count.tenant ?? ""}</Cell>
                <Cell align="end">{count.rows.toLocaleString("en")}</Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </Section>
      {transactions.length > 1 ? (
        <Section title="In these transactions">
          <ol>
            {transactions.map((one) => (
              <li key={`${one.database} ${one.transaction}`} className="flex min-h-7 items-center gap-2">
                <Link href={transactionHref(one)}>{one.transaction}</Link>
                <span className="text-faint">in {one.databaseName}</span>
              </li>
            ))}
          </ol>
        </Section>
      ) : null}
      <Section
        title="Row by row"
        answer={more ? `The first ${entries} entries; the list has all of them.` : undefined}
        aside={<Link href={auditHref(query)}>As a list</Link>}
      >
        <StoryTree nodes={tree} />
      </Section>
    </>
  );
}
