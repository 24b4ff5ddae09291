import Link from "next/link";
import { bytes, counted } from "#components/numbers/format.ts";
import { Section } from "#components/page/section.tsx";
import type { Actor } from "#db/actor.ts";
import { coldScope } from "#db/audit/cold/search.ts";
import { type AuditFilter, filterQuery } from "#db/audit/contract.ts";
import { ArchivePanel } from "./archive-panel.tsx";

interface ArchiveOfferProps {
  actor: Actor;
  /** Entries of what the screen is about. */
  filter: AuditFilter;
  /** Where the screen asks who deleted what is called so. */
  who?: string;
  /** What may be missing, in the plural: "events of this record". */
  what: string;
  /** Archived months that the screen was read with. */
  months: readonly string[];
  /** The screen without them. */
  without: string;
}

/** Says which archived months a screen was read with, or which there are beside it, and offers to look in them. Nothing where there are none. */
export async function ArchiveOffer({ actor, filter, who, what, months, without }: ArchiveOfferProps) {
  const { files, from, to, bytes: size } = await coldScope(actor, filter);
  if (files === 0 || from === null || to === null) return null;
  const aside = `${counted(files, "file")}, ${bytes(size)}`;
  if (months.length > 0) {
    return (
      <Section title="Archived months" aside={aside}>
        <p className="text-muted">
          Read with what {months.join(", ")} of the archive holds. <Link href={without}>Leave the archive out</Link>
        </p>
      </Section>
    );
  }
  const span = from === to ? from : `${from} to ${to}`;
  const query = new URLSearchParams(filterQuery(filter));
  if (who !== undefined) query.set("who", who);
  return (
    <Section title="Archived months" aside={aside}>
      <ArchivePanel
        key={`${query}`}
        endpoint={`/api/audit/cold/months?${query}`}
        offer={`The entries of ${span} are in the archive and were not looked at. There may be ${what} among them; looking takes longer.`}
        nothing={`no ${what}`}
      />
    </Section>
  );
}
