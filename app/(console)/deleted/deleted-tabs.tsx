import { LinkTabs } from "#components/ui/tabs.tsx";

const tabs = [
  { href: "/deleted", label: "Deletions" },
  { href: "/deleted/rows", label: "Rows" },
  { href: "/deleted/unrecorded", label: "Unrecorded" },
  { href: "/deleted/restores", label: "Restores" },
  { href: "/deleted/retention", label: "Retention" },
  { href: "/deleted/holds", label: "Holds" },
  { href: "/deleted/erasures", label: "Erasures" },
  { href: "/deleted/health", label: "Health" },
];

/** The parts of the area of deleted records, under the title of each of its screens. */
export function DeletedTabs() {
  return <LinkTabs label="Parts of deleted records" tabs={tabs} />;
}
