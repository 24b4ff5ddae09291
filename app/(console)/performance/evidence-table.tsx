import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { Evidence, Unit } from "#db/health/contract.ts";
import { amount } from "./words.ts";

const isNumber = (unit: Unit) => unit !== "text" && unit !== "sql";

/** The rows that a verdict rests on, as the server gave them. */
export function EvidenceTable({ title, evidence }: { title: string; evidence: Evidence }) {
  const { columns, rows } = evidence;
  return (
    <Table label={`Evidence: ${title}`}>
      <Head columns={columns.map(({ name, unit }) => ({ label: name, align: isNumber(unit) ? "end" : undefined }))} />
      <tbody>
        {rows.map((row) => (
          <Row key={row.join("|")}>
            {columns.map(({ name, unit }, at) => (
              <Cell
                key={name}
                align={isNumber(unit) ? "end" : undefined}
                mono={unit === "sql"}
                narrow={at === 0 ? "title" : "meta"}
                className={unit === "sql" ? "[overflow-wrap:anywhere]" : undefined}
              >
                {amount(row[at] ?? null, unit)}
              </Cell>
            ))}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
