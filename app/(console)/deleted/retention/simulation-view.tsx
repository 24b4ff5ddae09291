import { Days } from "#components/charts/days.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { Simulation } from "#db/records/retention/contract.ts";

const shownMax = 200;

const columns = [
  { label: "Day", width: "w-32" },
  { label: "Table" },
  { label: "Tenant" },
  { label: "Rows", align: "end" as const, width: "w-28" },
  { label: "Held", align: "end" as const, width: "w-24" },
];

/** What would go on which day: as a chart, and as a list by table and tenant. */
export function SimulationView({ simulation }: { simulation: Simulation }) {
  const { days, blocked, undated, horizonDays, names } = simulation;
  const today = new Date().toISOString().slice(0, 10);
  const byDay = Map.groupBy(days, ({ day }) => day);
  const bars = [...byDay].map(([day, of]) => ({ day, value: of.reduce((sum, { rows }) => sum + rows, 0) }));
  const shown = days.slice(0, shownMax);
  return (
    <div className="grid gap-4">
      {days.length === 0 ? (
        <EmptyState title={`Nothing would go within ${horizonDays} days`}>
          No row is marked, or none of those that are will be past its time by then.
        </EmptyState>
      ) : (
        <Days label="Rows that would go" days={bars} first={today} span={horizonDays} />
      )}
      {blocked.map(({ table, rows, by }) => (
        <Status key={table} kind="warning">
          {counted(rows, "row")} of {table} {rows === 1 ? "is" : "are"} due and would stay: rows of {by.join(", ")}{" "}
          point at {rows === 1 ? "it" : "them"}.
        </Status>
      ))}
      {undated.map(({ table, rows }) => (
        <Status key={table} kind="unknown">
          {counted(rows, "row")} of {table} {rows === 1 ? "is" : "are"} marked since a time that nobody knows, and would
          stay.
        </Status>
      ))}
      {days.length === 0 ? null : (
        <Table label="What would go on which day">
          <Head columns={columns} />
          <tbody>
            {shown.map(({ day, table, tenant, rows, held }) => (
              <Row key={`${day} ${table} ${tenant ?? ""}`}>
                <Cell narrow="title">
                  <span className="tabular-nums">{day}</span>
                </Cell>
                <Cell narrow="meta">
                  <span className="font-mono">{table}</span>
                </Cell>
                <Cell narrow="meta">{tenant === null ? "no tenant" : (names[tenant] ?? tenant)}</Cell>
                <Cell align="end" narrow="end">
                  {count(rows)}
                </Cell>
                <Cell align="end" narrow="hidden">
                  {count(held)}
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      {days.length > shownMax ? (
        <p className="text-muted">And {count(days.length - shownMax)} more lines later on.</p>
      ) : null}
    </div>
  );
}
