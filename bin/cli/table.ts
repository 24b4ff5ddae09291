export interface Column<Row> {
  title: string;
  value: (row: Row) => string | number | null;
  /** Numbers stand under each other. */
  end?: boolean;
}

/** Rows under aligned titles, as `ls -l` and `psql` do it. */
export function table<Row>(columns: Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => String(value(row) ?? "-"))),
  ];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => [...(line[at] ?? "")].length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => {
          const space = " ".repeat((widths[at] ?? 0) - [...cell].length);
          return columns[at]?.end ? space + cell : cell + space;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Names and values under each other. */
export function facts(pairs: [string, string | number | null][]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value ?? "-"}`).join("\n");
}

/** The last line of a page that has a next one. */
export function moreLine(next: string | null): string {
  return next ? `\nMore: --cursor ${next}` : "";
}
