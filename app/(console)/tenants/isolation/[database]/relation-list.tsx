import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { RelationLine } from "#db/databases/isolation/read.ts";
import { relationHref, relationName, verdictLooks } from "../words.ts";

export function RelationList({ databaseId, relations }: { databaseId: string; relations: readonly RelationLine[] }) {
  return (
    <Table label="Isolation by table">
      <Head
        columns={[
          { label: "Table" },
          { label: "Kind" },
          { label: "Verdict" },
          { label: "Evidence" },
          { label: "Attempts", align: "end" },
        ]}
      />
      <tbody>
        {relations.map((one) => (
          <Row key={`${one.kind} ${one.schema} ${one.name}`}>
            <Cell mono narrow="title">
              <Link href={relationHref(databaseId, one)} className="text-accent">
                {relationName(one)}
              </Link>
            </Cell>
            <Cell narrow="hidden" className="text-muted">
              {one.kind}
            </Cell>
            <Cell narrow="end">
              <Status kind={verdictLooks[one.verdict].kind}>{verdictLooks[one.verdict].word}</Status>
            </Cell>
            <Cell narrow="meta" className="whitespace-normal text-muted">
              {one.detail}
            </Cell>
            <Cell align="end" narrow="hidden">
              {count(one.attempts)}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
