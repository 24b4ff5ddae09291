import { Bar } from "#components/charts/bar.tsx";
import { bytes } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { SizeDay } from "#db/tenants/contract.ts";

/** Days on which its size had changed, newest first, with the tables that held most. */
export function SizeHistory({ days }: { days: SizeDay[] }) {
  if (days.length < 2) return null;
  const largest = Math.max(...days.map((day) => Number(day.bytes)), 1);
  return (
    <details>
      <summary className="text-muted">Size over time, {days.length} days</summary>
      <Table label="Size over time">
        <Head
          columns={[{ label: "Day" }, { label: "Size", align: "end" }, { label: "" }, { label: "Largest tables" }]}
        />
        <tbody>
          {days.toReversed().map((day) => (
            <Row key={day.day}>
              <Cell narrow="title">{day.day}</Cell>
              <Cell align="end" narrow="end">
                {bytes(day.bytes)}
              </Cell>
              <Cell narrow="hidden" className="w-32">
                <Bar share={Number(day.bytes) / largest} label={`${day.day}: ${bytes(day.bytes)}`} />
              </Cell>
              <Cell narrow="meta" className="text-muted">
                {largestOf(day)}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </details>
  );
}

function largestOf({ tables }: SizeDay): string {
  return Object.entries(tables)
    .sort(([, one], [, other]) => other - one)
    .slice(0, 3)
    .map(([name, size]) => `${name} ${bytes(size)}`)
    .join(", ");
}
