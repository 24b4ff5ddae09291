import { LinkTabs } from "#components/ui/tabs.tsx";

/** Two views of one filter. */
const filter = ["database", "tenant", "q"];

const tabs = [
  { href: "/audit", label: "Entries", keeps: filter },
  { href: "/audit/stories", label: "Stories", keeps: filter },
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
