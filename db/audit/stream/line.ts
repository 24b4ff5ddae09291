import { exportColumns } from "../export/contract.ts";
import { lineSelect } from "../export/line.ts";
import { ocsfSelect } from "../export/ocsf.ts";
import type { StreamFormat } from "./contract.ts";

/** SQL of the export's line with the database before it: in a stream every line stands alone. `id` and `name` are SQL of texts. */
export function streamLine(format: StreamFormat, id: string, name: string): string {
  if (format === "ocsf") return ocsfSelect(id, name);
  const named = `'{"database_id":' || to_json(${id}) || ',"database":' || to_json(${name}) || ','`;
  return `${named} || substr(${lineSelect(exportColumns)}, 2)`;
}
