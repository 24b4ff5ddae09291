import { admissionProblems } from "./admission.ts";
import type { LeavePlan, Leaving } from "./contract.ts";
import { readNeighbours, sharedWith } from "./drop-database.ts";
import { ownRow } from "./own-row.ts";
import type { Surroundings } from "./stays.ts";
import { type LivingTenant, nameOf } from "./tables.ts";

type Problem = LeavePlan["problems"][number];

/** What stands in the way of a tenant's leaving, and what is to be known before. */
export async function problemsOf(
  tenant: LivingTenant,
  how: Leaving,
  { backups, auditLog, files, goesToo, copyDiffers }: Surroundings,
  holds: readonly string[],
): Promise<Problem[]> {
  const problems: Problem[] = [...holds.map(holdProblem), ...(await admissionProblems(tenant))];
  const neighbours = tenant.tier === "database" ? await readNeighbours(tenant) : [];
  if (neighbours.length > 0) {
    problems.push({
      severity: "blocking",
      subject: tenant.databaseName,
      message: sharedWith(tenant, neighbours),
      fix: "Move this tenant to a place of its own first.",
    });
  }
  if (how === "delete" && backups > 0) {
    problems.push({
      severity: "warning",
      subject: `${backups} ${backups === 1 ? "backup" : "backups"} of ${tenant.databaseName}`,
      message: "They hold the tenant's rows until they are removed; the certificate names them.",
      fix: "Remove them when their time has come.",
    });
  }
  if (files > 0) {
    problems.push({
      severity: "note",
      subject: `${files} ${files === 1 ? "file" : "files"} of ${tenant.name}`,
      message:
        how === "delete"
          ? "Its earlier exports and archives are removed with it; the certificate names them."
          : "Its earlier exports and archives hold its rows, and stay; the certificate names them.",
      fix: how === "delete" ? "Download what is to be kept first." : "Only deleting a tenant removes its files.",
    });
  }
  if (copyDiffers) {
    problems.push({
      severity: "warning",
      subject: nameOf(ownRow(tenant)),
      message: `The row that lists it in ${tenant.homeDatabaseName} is not the same as its copy in ${tenant.databaseName}. Both go, and an archive has the copy.`,
      fix: "Make them the same first where the other one's values are still needed.",
    });
  }
  if (goesToo.length > 0) {
    problems.push({
      severity: "warning",
      subject: `${goesToo.length} other ${goesToo.length === 1 ? "table" : "tables"} of ${tenant.databaseName}`,
      message: `They go with the database, and no archive has them: ${goesToo.join(", ")}.`,
      fix: "Copy what is still needed first.",
    });
  }
  problems.push({
    severity: tenant.tier === "database" ? "warning" : "note",
    subject: "the audit log",
    message: auditLog,
    fix:
      tenant.tier === "database"
        ? "Export the log of that database first where it must be kept."
        : "Erase a person's values under Deleted, Erasures, where the law asks for it.",
  });
  return problems;
}

function holdProblem(name: string): Problem {
  return {
    severity: "blocking",
    subject: `hold ${name}`,
    message: "A hold stands in this database, and it may be on rows of this tenant.",
    fix: "Release the hold under Deleted, Holds, or wait until it is.",
  };
}
