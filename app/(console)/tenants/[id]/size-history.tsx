import { Bar } from "#components/charts/bar.tsx";
import { bytes } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { SizeDay } from "#db/tenants/contract.ts";

const tablesShown = 3;

/** Days on which its size had changed, newest first, with the tables that hold most now. */
export function SizeHistory({ days }: { days: SizeDay[] }) {
  const newest = days.at(-1);
  const oldest = days[0];
  if (!newest || !oldest || days.length < 2) {
    return <p className="mt-3 text-faint text-xs">Its size over time shows from the second day on that it changed.</p>;
  }
  const largest = Math.max(...days.map((day) => Number(day.bytes)), 1);
  const tables = largestOf(newest);
  return (
    <details className="mt-3">
      <summary className="inline-flex min-h-6 items-center rounded-sm text-accent">
        Size over time: {bytes(oldest.bytes)} on {oldest.day}, {bytes(newest.bytes)} on {newest.day}
      </summary>
      <Table label="Size over time">
        <Head
          columns={[
            { label: "Day" },
            { label: "Size", align: "end" },
            { label: "Of the largest", hidden: true },
            ...tables.map((name) => ({ label: shortOf(name), align: "end" as const })),
          ]}
        />
        <tbody>
          {days.toReversed().map((day) => (
            <Row key={day.day}>
              <Cell narrow="title">{day.day}</Cell>
              <Cell align="end" narrow="end">
                {bytes(day.bytes)}
              </Cell>
              <Cell narrow="hidden" className="w-24">
                <Bar share={Number(day.bytes) / largest} label={`${day.day}: ${bytes(day.bytes)}`} />
              </Cell>
              {tables.map((name) => (
                <Cell key={name} align="end" narrow="meta">
                  <span className="sm:hidden">{shortOf(name)} </span>
                  {day.tables[name] === undefined ? "not kept" : bytes(day.tables[name])}
                </Cell>
              ))}
            </Row>
          ))}
        </tbody>
      </Table>
    </details>
  );
}

function largestOf({ tables }: SizeDay): string[] {
  return Object.entries(tables)
    .sort(([, one], [, other]) => other - one)
    .slice(0, tablesShown)
    .map(([name]) => name);
}

/** Without its schema, which is the same for almost all of a tenant's tables. */
function shortOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}
