const proven = ["audit-sealing", "audit-tampering", "audit-checkpoints"];

/** Where a check's subject has a screen of its own. */
export function placeOf(checkId: string): { href: string; label: string } | null {
  if (proven.includes(checkId)) return { href: "/audit/proof", label: "Proof" };
  if (checkId === "audit-streams") return { href: "/audit/streams", label: "Streams" };
  if (checkId === "tenant-isolation") return { href: "/tenants/isolation", label: "Isolation" };
  return null;
}
