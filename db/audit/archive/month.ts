import { Refusal } from "../../errors.ts";

const shape = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** A month of the log in UTC, "2026-03". */
export function checkedMonth(text: string): string {
  if (shape.test(text)) return text;
  throw new Refusal("invalid", "This is not a month.", { fix: "Give a year and a month, such as 2026-03." });
}

/** The first moment of a month and of the next, as PostgreSQL and DuckDB both read them. */
export function monthBounds(month: string): { from: string; to: string } {
  return { from: `${month}-01 00:00:00+00`, to: `${monthAfter(month, 1)}-01 00:00:00+00` };
}

export function monthAfter(month: string, distance: number): string {
  const [, year, number] = shape.exec(month) ?? [];
  return monthOf(new Date(Date.UTC(Number(year), Number(number) - 1 + distance, 1)));
}

export function monthOf(date: Date): string {
  return date.toISOString().slice(0, 7);
}

/** The name that caretaker.add_partition gives a month's table. */
export function partitionName(month: string): string {
  return `audit_logs_${month.replace("-", "_")}`;
}

/** The name under which a month is loaded before it stands in the log again. */
export function stagingName(month: string): string {
  return `returning_${month.replace("-", "_")}`;
}
