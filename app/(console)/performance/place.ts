/** Where a check's subject has a screen of its own. */
export function placeOf(checkId: string): { href: string; label: string } | null {
  if (checkId === "audit-sealing" || checkId === "audit-tampering") return { href: "/audit/proof", label: "Proof" };
  if (checkId === "tenant-isolation") return { href: "/tenants/isolation", label: "Isolation" };
  return null;
}
