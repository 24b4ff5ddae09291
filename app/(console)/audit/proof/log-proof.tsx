import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { Code } from "#components/ui/code.tsx";
import type { ProofStanding } from "#db/audit/proof/contract.ts";
import { verdictOf } from "#db/audit/proof/verdict.ts";
import { FindingList } from "./finding-list.tsx";
import { VerifyButton } from "./verify-button.tsx";

interface LogProofProps {
  standing: ProofStanding;
  now: number;
  mayVerify: boolean;
}

/** One database's log: the verdict, what it rests on, and the signed checkpoint itself. */
export function LogProof({ standing, now, mayVerify }: LogProofProps) {
  const { databaseId, name, size, sealedAt, unsealedSince, checkpoint, stopped, verification } = standing;
  const { kind, words, why } = verdictOf(standing, now);
  return (
    <Section title={name} aside={mayVerify && size > 0 ? <VerifyButton databaseId={databaseId} name={name} /> : null}>
      <div className="grid gap-3">
        <p>
          <Status kind={kind}>{words}</Status>
        </p>
        {kind === "good" || stopped ? null : <p>{why}</p>}
        {stopped ? (
          <p>
            {stopped} Nothing more is sealed until two people let it go on.{" "}
            {mayVerify ? <Link href={`/audit/proof/${databaseId}`}>Look at what that would mean</Link> : null}
          </p>
        ) : null}
        <Facts
          across
          items={[
            { label: "Entries sealed", value: count(size) },
            { label: "Sealer last ran", value: sealedAt ? <When at={sealedAt} /> : "never" },
            { label: "Oldest entry not sealed", value: unsealedSince ? <When at={unsealedSince} /> : "none then" },
            { label: "Last signed", value: checkpoint ? <When at={checkpoint.signedAt} /> : "never" },
            {
              label: "In the console's store",
              value: checkpoint?.publishedAt ? <When at={checkpoint.publishedAt} /> : "no",
            },
            { label: "Last verified", value: verification ? <When at={verification.finishedAt} /> : "never" },
            ...(verification
              ? [
                  { label: "Compared", value: `${count(verification.entries + verification.archived)} entries` },
                  { label: "In archived months", value: count(verification.archived) },
                  { label: "Erased", value: count(verification.erased) },
                  { label: "Removed by retention", value: count(verification.expired) },
                  { label: "Lost in restores", value: count(verification.lost) },
                ]
              : []),
          ]}
        />
        {verification?.verdict === "bad" ? <FindingList databaseId={databaseId} verification={verification} /> : null}
        {checkpoint ? (
          <details>
            <summary className="inline-flex min-h-6 items-center rounded-sm text-accent">
              Checkpoint of {counted(checkpoint.size, "entry", "entries")}
            </summary>
            <div className="mt-2">
              <Code text={checkpoint.note} what={`checkpoint of ${name}`} />
            </div>
          </details>
        ) : null}
      </div>
    </Section>
  );
}
