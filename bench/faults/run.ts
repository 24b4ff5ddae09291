import { parseArgs } from "node:util";
import { auditTrail } from "./audit.ts";
import { ledger } from "./ledger.ts";
import { moves } from "./moves.ts";
import { postgresJs } from "./postgres-js.ts";
import { purges } from "./purge.ts";
import { recordsModel } from "./records-model.ts";
import { recordsRaces } from "./records-races.ts";
import { deletedRecords } from "./restore.ts";
import { transactions } from "./transactions.ts";

export type Size = "small" | "full";

export interface Verdict {
  figures: Record<string, number | string>;
  /** One sentence each. */
  violations: string[];
}

const runs: Record<string, (size: Size, seed: number) => Promise<Verdict>> = {
  audit: auditTrail,
  ledger,
  moves,
  purge: purges,
  restore: deletedRecords,
  "records-model": recordsModel,
  "records-races": recordsRaces,
  transactions,
  "postgres-js": postgresJs,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: "string", default: "full" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const [name = ""] = positionals;
const run = runs[name];
if (!run || (values.size !== "small" && values.size !== "full")) {
  console.error(
    `Usage: npm run faults -- NAME [--size small|full] [--seed N]. Names: ${Object.keys(runs).join(", ")}.`,
  );
  process.exit(2);
}

console.log(`faults ${name}, size ${values.size}, seed ${values.seed}`);
const { figures, violations } = await run(values.size, Number(values.seed));
const width = Math.max(...Object.keys(figures).map((figure) => figure.length));
for (const [figure, value] of Object.entries(figures)) console.log(`  ${figure.padEnd(width)}  ${value}`);
for (const violation of violations.slice(0, 20)) console.log(`  violation: ${violation}`);
console.log(`${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
