interface ShownPlan {
  statements: readonly { sql: string; object: string; lock: string; why: string }[];
  problems: readonly { severity: string; subject: string; message: string; fix: string }[];
  hash: string;
}

/** A plan as a SQL script that says of each statement why it is there and what it locks. Problems stand first. */
export function planText({ statements, problems, hash }: ShownPlan): string {
  const faults = problems.map(
    ({ severity, subject, message, fix }) => `-- ${severity}: ${subject}: ${message}\n--   ${fix}`,
  );
  const scripts = statements.map(
    ({ sql, object, lock, why }) => `-- ${object}: ${why}\n-- Lock: ${lock}\n${sql.trim()};\n`,
  );
  return [...faults, ...scripts, `-- ${statements.length} statements, plan ${hash}`].join("\n");
}
