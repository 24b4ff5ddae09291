import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { ErasureItem } from "#db/records/erasure/contract.ts";
import { kindWords } from "../words.ts";
import { ItemChoice } from "./item-choice.tsx";
import { columnMethodWords, methodWords } from "./method-words.ts";

/** What was found, and what becomes of it. */
export function ItemList({ id, items }: { id: string; items: ErasureItem[] }) {
  return (
    <Table label="Findings">
      <Head
        columns={[
          { label: "Where" },
          { label: "Sort", width: "w-36" },
          { label: "Count", align: "end", width: "w-20" },
          { label: "Method", width: "w-96" },
          { label: "Change", width: "w-28", hidden: true },
        ]}
      />
      <tbody>
        {items.map((item) => (
          <Row key={item.key}>
            <Cell narrow="title">
              <span className="font-mono [overflow-wrap:anywhere]">{item.where}</span>
              <p className="text-muted">{item.how}</p>
            </Cell>
            <Cell narrow="meta">{kindWords[item.kind]}</Cell>
            <Cell align="end" narrow="meta">
              {item.count}
              {item.beyond === 0 ? null : <p className="text-muted">{item.beyond} more in batches</p>}
            </Cell>
            <Cell>
              <Method item={item} />
            </Cell>
            <Cell narrow="end">
              <ItemChoice
                id={id}
                item={item.key}
                where={item.where}
                method={item.method}
                why={item.why}
                offers={item.offers}
                columns={item.columns}
              />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Method({ item: { method, why, columns, held, problems } }: { item: ErasureItem }) {
  const kind: StatusKind =
    method === "open" || problems.length > 0 ? "critical" : method === "keep" ? "neutral" : "good";
  return (
    <div className="py-1">
      <Status kind={kind}>{methodWords[method]}</Status>
      {method === "redact"
        ? columns.map((column) => (
            <p key={column.name} className="text-muted">
              <code>{column.name}</code> {column.method ? columnMethodWords[column.method.do] : "can not be changed"}{" "}
              <span className="text-faint">{column.rows}</span>
            </p>
          ))
        : null}
      {why === null ? null : <p className="text-muted">{why}</p>}
      {held === 0 ? null : <p className="text-warning">▲ {held} held</p>}
      {problems.map((problem) => (
        <p key={problem} className="text-critical">
          ■ {problem}
        </p>
      ))}
    </div>
  );
}
