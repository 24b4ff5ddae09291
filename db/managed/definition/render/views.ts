import type { Statement } from "../../statement.ts";
import type { View } from "../definition.ts";
import { list, type Naming } from "../naming.ts";
import { made } from "./made.ts";
import { storageOption } from "./tables.ts";

export function viewStatement(view: View, naming: Naming): Statement {
  const name = naming.own(view.name);
  const kind = view.materialized ? "MATERIALIZED VIEW" : "VIEW";
  const options = view.options === null ? "" : ` WITH (${view.options.map(storageOption).join(", ")})`;
  const query = naming.text(view.query);
  return made(
    `view ${name}`,
    "It reads the tenant's own tables.",
    `CREATE ${kind} ${name} (${list(view.columns)})${options} AS ${query}${view.materialized ? " WITH NO DATA" : ""}`,
  );
}

export function refreshStatements(view: View, naming: Naming): Statement[] {
  if (!view.materialized || !view.populated) return [];
  const name = naming.own(view.name);
  return [made(`view ${name}`, "Filled from the tenant's rows.", `REFRESH MATERIALIZED VIEW ${name}`)];
}
