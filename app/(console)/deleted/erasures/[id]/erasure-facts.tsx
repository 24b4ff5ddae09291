import { Facts } from "#components/page/facts.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { ErasureRecord } from "#db/records/erasure/contract.ts";

/** Who, when, on what ground; nothing here names the person. */
export function ErasureFacts({ record }: { record: ErasureRecord }) {
  const { databaseName, subjectRef, basis, askedBy, askedAt, proposedBy, approvedBy, startedAt, finishedAt } = record;
  return (
    <Facts
      items={[
        { label: "Database", value: databaseName },
        { label: "Reference", value: <Copy text={subjectRef} keep={0} what="reference of the person" /> },
        { label: "Legal basis", value: basis },
        {
          label: "Searched for",
          value: (
            <>
              {askedBy}, <When at={askedAt} absolute />
            </>
          ),
        },
        ...(proposedBy === null ? [] : [{ label: "Proposed by", value: proposedBy }]),
        ...(approvedBy === null ? [] : [{ label: "Approved by", value: approvedBy }]),
        ...(startedAt === null ? [] : [{ label: "Begun", value: <When at={startedAt} absolute /> }]),
        ...(finishedAt === null ? [] : [{ label: "Ended", value: <When at={finishedAt} absolute /> }]),
        ...(record.planHash === null
          ? []
          : [{ label: "Plan", value: <Copy text={record.planHash} keep={0} what="plan hash" /> }]),
        { label: "Id", value: <Copy text={record.id} keep={0} what="erasure id" /> },
      ]}
    />
  );
}
