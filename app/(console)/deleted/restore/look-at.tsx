import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { recordWords } from "#db/audit/sentence.ts";
import type { PlannedRow, RestorePlan } from "#db/records/restore/contract.ts";
import { shownPlanHref } from "../addresses.ts";
import { FieldsPreview } from "./fields-preview.tsx";
import { originWords, statusWords } from "./words.ts";

/** The rows of the table that was chosen, fifty at a time, and the fields of one row. */
export function LookAt({ plan }: { plan: RestorePlan }) {
  const { table, rows, next, fields } = plan.look;
  return (
    <>
      {table === null ? null : (
        <Section
          title={`Rows of ${table}`}
          aside={
            <Link href={shownPlanHref(plan.hash)} scroll={false}>
              Close
            </Link>
          }
        >
          <Table label={`Rows of ${table}`}>
            <Head columns={[{ label: "Row" }, { label: "Why", width: "w-36" }, { label: "Status", width: "w-44" }]} />
            <tbody>
              {rows.map((row) => (
                <Row key={row.row}>
                  <Cell narrow="title">
                    <Link href={shownPlanHref(plan.hash, { table, look: row.row })} scroll={false}>
                      {nameOf(row)}
                    </Link>
                  </Cell>
                  <Cell>{originWords[row.origin]}</Cell>
                  <Cell narrow="end">
                    <Status kind={kindOf(row)}>{statusWords[row.status]}</Status>
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
          {next === null ? null : (
            <div className="mt-2">
              <LinkButton small href={shownPlanHref(plan.hash, { table, after: String(next) })} scroll={false}>
                Next rows
              </LinkButton>
            </div>
          )}
        </Section>
      )}
      {fields === null ? null : (
        <Section title="Fields of the row">
          <FieldsPreview fields={fields} />
        </Section>
      )}
    </>
  );
}

function nameOf({ label, record }: PlannedRow): string {
  if (record === null) return label ?? "without a key";
  return label === null ? recordWords(record) : `${label} (${recordWords(record)})`;
}

function kindOf({ status }: PlannedRow) {
  if (status === "clean") return "good" as const;
  return ["skipped", "already_live", "points_elsewhere"].includes(status) ? ("neutral" as const) : ("warning" as const);
}
