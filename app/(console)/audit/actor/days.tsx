import { Bar } from "#components/charts/bar.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";

const shown = 14;

/** How much on each day that saw anything, newest first; a day without entries is not in the list. */
export function Days({ days }: { days: readonly { day: string; entries: number }[] }) {
  const most = Math.max(...days.map(({ entries }) => entries));
  return (
    <Section
      title="By day (UTC)"
      aside={days.length > shown ? `the newest ${shown} of ${days.length} days` : undefined}
    >
      <Table label="Entries by day" stacks={false}>
        <Head
          columns={[
            { label: "Day", width: "w-28" },
            { label: "Share of the busiest day" },
            { label: "Entries", align: "end", width: "w-24" },
          ]}
        />
        <tbody>
          {days.slice(0, shown).map(({ day, entries }) => (
            <Row key={day}>
              <Cell>{day}</Cell>
              <Cell>
                <Bar share={entries / most} label={`${day}: ${counted(entries, "entry", "entries")}`} />
              </Cell>
              <Cell align="end">{count(entries)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
