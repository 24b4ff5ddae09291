import { literal } from "../../../managed/statement.ts";
import { labelColumns } from "../../label.ts";
import type { Work } from "../work.ts";

/** SQL of what people know a row by; null where it has nothing of the kind, or it is masked. */
export function labelOf({ tables }: Work, alias: string): string {
  const cases = tables.map(({ tab, managed }) => {
    const shown = labelColumns.filter((column) => !managed?.maskedColumns.includes(column));
    return `WHEN ${tab} THEN ARRAY[${shown.map(literal).join(", ")}]::text[]`;
  });
  const image = `coalesce(${alias}.image, ${alias}.standing)`;
  return `(SELECT left(${image} ->> l.name, 120)
             FROM unnest(CASE ${alias}.tab ${cases.join(" ")} END) WITH ORDINALITY AS l (name, place)
            WHERE ${image} ->> l.name NOT LIKE 'masked:%' ORDER BY l.place LIMIT 1)`;
}
