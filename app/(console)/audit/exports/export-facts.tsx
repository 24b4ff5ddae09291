import Link from "next/link";
import { bytes, count, counted } from "#components/numbers/format.ts";
import { type Fact, Facts } from "#components/page/facts.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { ExportDetail } from "#db/audit/export/contract.ts";

/** What the manifest says, and until when the file is kept. */
export function ExportFacts({ one }: { one: ExportDetail }) {
  return <Facts items={factsOf(one)} />;
}

function factsOf(one: ExportDetail): Fact[] {
  const { manifest } = one;
  const { beside, proof } = manifest ?? {};
  const facts: (Fact | null)[] = [
    one.rows === null
      ? { label: "Entries", value: `about ${count(one.estimate)}, as guessed when it was asked for` }
      : { label: "Entries", value: count(one.rows) },
    one.bytes ? { label: "Size", value: bytes(one.bytes) } : null,
    one.file ? { label: "File", value: <Copy text={one.file} keep={0} what="file name" /> } : null,
    one.sha256 ? { label: "SHA-256", value: <Copy text={one.sha256} keep={0} what="checksum" /> } : null,
    manifest ? { label: "Lossless", value: manifest.lossless ? "yes, every column as it is stored" : "no" } : null,
    beside
      ? { label: "NDJSON beside it", value: <Copy text={beside.file} keep={0} what="NDJSON's file name" /> }
      : null,
    beside ? { label: "Its size", value: bytes(beside.bytes) } : null,
    beside ? { label: "Its SHA-256", value: <Copy text={beside.sha256} keep={0} what="NDJSON's checksum" /> } : null,
    proof ? { label: "Proof", value: <Copy text={proof.file} keep={0} what="proof's file name" /> } : null,
    proof ? { label: "It speaks of", value: counted(proof.entries, "entry", "entries") } : null,
    proof ? { label: "Proof's SHA-256", value: <Copy text={proof.sha256} keep={0} what="proof's checksum" /> } : null,
    { label: "Columns", value: <span className="font-mono text-xs">{one.columns.join(", ")}</span> },
    one.format === "csv" ? { label: "Time zone", value: one.zone } : null,
    ...(manifest?.databases ?? []).map(({ name, rows, first, last }) => ({
      label: name,
      value:
        first && last ? (
          <>
            {count(rows)}, from <When at={first.created_at} absolute /> (<code>{first.id}</code>) to{" "}
            <When at={last.created_at} absolute /> (<code>{last.id}</code>)
          </>
        ) : (
          "nothing that matches"
        ),
    })),
    {
      label: "Kept until",
      value: <When at={one.expiresAt} absolute none={`${one.keepDays} days after it is ready`} />,
    },
    { label: "Job", value: <Link href={`/jobs/${one.id}`}>How it ran</Link> },
  ];
  return facts.filter((fact) => fact !== null);
}
