import { LinkTabs } from "#components/ui/tabs.tsx";
import type { Actor } from "#db/actor.ts";
import type { Capability } from "#db/capabilities.ts";

const tabs: { href: string; label: string; capability: Capability }[] = [
  { href: "/settings", label: "Your account", capability: "self.manage" },
  { href: "/settings/staff", label: "Staff", capability: "staff.read" },
  { href: "/settings/approvals", label: "Approvals", capability: "approvals.propose" },
  { href: "/settings/keys", label: "Master key", capability: "keys.rotate" },
];

export function SettingsTabs({ actor }: { actor: Actor }) {
  return <LinkTabs label="Settings" tabs={tabs.filter(({ capability }) => actor.capabilities.has(capability))} />;
}
