// The one list of what can be done, and which role may do it. Roles are sets of capabilities, nothing more.

export const capabilities = [
  "overview.read",
  "tenants.read",
  "tenants.write",
  "tenants.move",
  "audit.read",
  "retention.manage",
  "audit.export",
  "audit.verify",
  "audit.erase",
  "audit.stream",
  "events.write",
  "records.read",
  "records.restore",
  "records.erase",
  "records.purge",
  "health.read",
  "backups.read",
  "backups.run",
  "backups.download",
  "databases.read",
  "databases.manage",
  "jobs.read",
  "jobs.cancel",
  "staff.read",
  "staff.manage",
  "approvals.propose",
  "approvals.decide",
  "keys.rotate",
  "self.manage",
] as const;

export type Capability = (typeof capabilities)[number];

export const roles = ["administrator", "support", "compliance"] as const;

export type Role = (typeof roles)[number];

const reading: Capability[] = [
  "overview.read",
  "tenants.read",
  "audit.read",
  "records.read",
  "health.read",
  "backups.read",
  "databases.read",
  "jobs.read",
  "self.manage",
];

const byRole: Record<Role, ReadonlySet<Capability>> = {
  administrator: new Set(capabilities),
  support: new Set([...reading, "records.restore", "approvals.propose"]),
  compliance: new Set([
    ...reading,
    "retention.manage",
    "records.purge",
    "audit.export",
    "audit.verify",
    "audit.erase",
    "records.erase",
    "staff.read",
    "approvals.propose",
    "approvals.decide",
  ]),
};

export function capabilitiesOf(role: Role): ReadonlySet<Capability> {
  return byRole[role];
}

/** The roles that hold a capability, for the sentence "ask an administrator". */
export function rolesWith(capability: Capability): Role[] {
  return roles.filter((role) => byRole[role].has(capability));
}
