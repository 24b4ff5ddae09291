import { LinkTabs } from "#components/ui/tabs.tsx";

const tabs = [
  { href: "/tenants", label: "Tenants", keeps: ["database"] },
  { href: "/tenants/advice", label: "Advice", keeps: ["database"] },
  { href: "/tenants/servers", label: "Servers" },
  { href: "/tenants/moves", label: "Moves", keeps: ["database"] },
  { href: "/tenants/isolation", label: "Isolation", keeps: ["database"] },
];

/** The parts of the area of tenants, under the title of each of its screens; `within` is the part that a detail belongs to. */
export function TenantsTabs({ within }: { within?: string }) {
  const shown = within === undefined ? tabs : tabs.map((tab) => ({ ...tab, current: tab.href === within }));
  return <LinkTabs label="Parts of tenants" tabs={shown} />;
}
