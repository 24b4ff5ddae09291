import { LinkTabs } from "#components/ui/tabs.tsx";

const tabs = [
  { href: "/audit", label: "Entries" },
  { href: "/audit/stories", label: "Stories" },
  { href: "/audit/who", label: "Who deleted this?" },
  { href: "/audit/exports", label: "Exports" },
  { href: "/audit/streams", label: "Streams" },
  { href: "/audit/coverage", label: "Coverage" },
  { href: "/audit/retention", label: "Retention" },
  { href: "/audit/proof", label: "Proof" },
];

/** The parts of the audit area, under the title of each of its screens. */
export function AuditTabs() {
  return <LinkTabs label="Parts of the audit trail" tabs={tabs} />;
}
