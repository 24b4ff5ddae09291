import { Section } from "#components/page/section.tsx";
import { Code } from "#components/ui/code.tsx";
import type { ExportDetail } from "#db/audit/export/contract.ts";

/** How whoever received the file finds out that it is whole, with nothing of ours. */
export function HowToCheck({ one }: { one: ExportDetail }) {
  const answer =
    one.format === "parquet"
      ? "A Parquet file without its footer does not open; the checksum is in the manifest."
      : "The last line says how many entries there are and the SHA-256 of everything before it. A file without that line is cut off.";
  return (
    <Section title="Check that it is whole" answer={answer}>
      <Code text={commandsOf(one)} what="commands" />
    </Section>
  );
}

/** How they find out that each entry is what was sealed, with the program alone: no database, no network, no account. */
export function HowToProve({ file, keyLine }: { file: string; keyLine: string | undefined }) {
  return (
    <Section
      title="Check it against the sealed log"
      answer="With the proof beside the file. Compare the key with one that came by another way: whoever altered both files would give you another one."
    >
      <Code text={`bin/verify ${file} --key '${keyLine ?? "KEY"}'`} what="command" />
    </Section>
  );
}

function commandsOf({ file, sha256, format }: ExportDetail): string {
  const whole = `echo "${sha256}  ${file}" | sha256sum --check`;
  if (format === "parquet") return whole;
  return [whole, `tail -n 1 ${file}`, `head -n -1 ${file} | sha256sum`].join("\n");
}
