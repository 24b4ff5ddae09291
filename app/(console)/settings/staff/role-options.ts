export const roleOptions = [
  { value: "support", label: "Support: investigates and restores" },
  { value: "compliance", label: "Compliance: reads everything, decides approvals" },
  { value: "administrator", label: "Administrator: everything" },
];
