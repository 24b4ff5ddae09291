import Link from "next/link";
import type { RestorePlan } from "#db/records/restore/contract.ts";
import { recordHref } from "../../audit/addresses.ts";
import { restoreHref } from "../addresses.ts";

/** Ways to the rows that the problems are about: the live one that holds the place, the parent that was deleted too. */
export function ProblemLinks({ plan }: { plan: RestorePlan }) {
  const links = plan.problems.flatMap(({ about, code }) => {
    if (about === null) return [];
    const row = { database: plan.database, ...about };
    const named = `${about.table} ${about.record ?? ""}`.trim();
    if (about.entry !== null)
      return [{ href: restoreHref({ ...row, kind: "hard" }), label: `Plan the restore of ${named} first` }];
    if (code === "parent_deleted" && about.record !== null) {
      return [{ href: restoreHref({ ...row, kind: "soft" }), label: `Plan the restore of ${named} too` }];
    }
    const history = recordHref(row);
    return history === null ? [] : [{ href: history, label: `History of ${named}` }];
  });
  if (links.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-x-6 gap-y-1">
      {links.map(({ href, label }) => (
        <li key={href}>
          <Link href={href}>{label}</Link>
        </li>
      ))}
    </ul>
  );
}
