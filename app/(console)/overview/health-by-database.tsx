import Link from "next/link";
import { PartialNote } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { DatabaseHealth, FleetHealth } from "#db/health/contract.ts";

const columns = [{ label: "Database" }, { label: "State" }, { label: "Worst finding" }];

export function HealthByDatabase({ health }: { health: FleetHealth }) {
  return (
    <>
      <PartialNote silent={health.silent} />
      <Table label="Health by database">
        <Head columns={columns} />
        <tbody>
          {health.databases.map((database) => (
            <Row key={database.databaseId}>
              <Cell narrow="title">
                <Link href={`/performance?database=${database.databaseId}`} className="font-medium hover:text-accent">
                  {database.name}
                </Link>{" "}
                <span className="text-faint">{database.serverName}</span>
              </Cell>
              <Cell narrow="end" className="whitespace-nowrap">
                <Status kind={database.verdict}>{verdictWords(database)}</Status>
              </Cell>
              <Cell className="text-muted">{worstFinding(database)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </>
  );
}

function verdictWords({ verdict, checks }: DatabaseHealth): string {
  const held = checks.filter((check) => check.verdict === verdict).length;
  if (verdict === "good" || verdict === "neutral") return "healthy";
  return verdict === "unknown" ? `${counted(held, "check")} unknown` : counted(held, "problem");
}

function worstFinding({ verdict, checks }: DatabaseHealth): string {
  if (verdict === "good" || verdict === "neutral") return `All ${checks.length} checks within their thresholds.`;
  return checks.find((check) => check.verdict === verdict)?.finding ?? "";
}
