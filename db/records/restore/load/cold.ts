import { monthOf } from "../../../audit/archive/month.ts";
import { archivesOf } from "../../../audit/archive/registry.ts";
import { Refusal } from "../../../errors.ts";

/**
 * Says that an entry lies in an archived month, which a restore cannot read: its questions run where the rows go. Without an
 * entry, that some months are archived. Null when none is.
 */
export async function coldRefusal(databaseId: string, entry: string | null): Promise<Refusal | null> {
  const archives = (await archivesOf([databaseId])).filter(({ state }) => state === "cold");
  const month = entry === null ? null : monthOf(new Date(Number(BigInt(entry) >> 20n)));
  const found = archives.filter((archive) => month === null || archive.month === month);
  if (found.length === 0) return null;
  const months = found.map((archive) => archive.month).toSorted();
  const named = months.length > 3 ? `${months[0]} to ${months.at(-1)}` : months.join(", ");
  return new Refusal("conflict", `The deletion lies in an archived month: ${named}.`, {
    fix: `Archived months are not searched for a restore: ${named}. Bring the month back under Audit, Retention, then plan again.`,
  });
}
