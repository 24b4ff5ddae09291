import Link from "next/link";
import { Facts } from "#components/page/facts.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { RestoreReport } from "#db/records/restore/contract.ts";
import { reportHref, shownPlanHref } from "../../addresses.ts";

/** Who, when, why and by which plan. */
export function ReportFacts({ report }: { report: RestoreReport }) {
  return (
    <Facts
      items={[
        { label: "Database", value: report.databaseName },
        ...(report.recordedIn === null ? [] : [{ label: "Deleted in", value: report.recordedIn }]),
        { label: "By", value: report.actorName },
        { label: "Reason", value: report.reason ?? <span className="text-faint">none was given</span> },
        { label: "Begun", value: <When at={report.startedAt} absolute /> },
        { label: "Ended", value: <When at={report.finishedAt} absolute none="not yet" /> },
        {
          label: "Plan",
          value: (
            <>
              <Copy text={report.planHash} keep={24} what="plan hash" />{" "}
              {report.what === "undo" ? null : (
                <Link href={shownPlanHref(report.planHash)} data-chrome="">
                  Plan it anew
                </Link>
              )}
            </>
          ),
        },
        ...(report.undoOf === null
          ? []
          : [{ label: "Takes back", value: <Link href={reportHref(report.undoOf)}>the restore</Link> }]),
        ...(report.undoUntil === null
          ? []
          : [{ label: "Can be undone until", value: <When at={report.undoUntil} absolute /> }]),
        { label: "Id", value: <Copy text={report.id} keep={0} what="restore id" /> },
      ]}
    />
  );
}
