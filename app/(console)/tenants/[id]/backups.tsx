import Link from "next/link";
import { currentActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { bytes } from "#components/numbers/format.ts";
import { Cell, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { BackupView } from "#db/backups/contract.ts";
import { listBackups } from "#db/backups/read.ts";
import type { Page } from "#db/page.ts";
import type { TenantDetail } from "#db/tenants/contract.ts";
import { stateKinds } from "../../backups/words.ts";
import { failureOf } from "./panel.ts";

const shown = 3;

/** The newest backups of the database that the tenant lives in; each holds all that the database held. */
export async function Backups({ tenant }: { tenant: TenantDetail }) {
  const actor = await currentActor();
  const open = tenant.placements.find(({ state }) => state === "open");
  if (!actor?.capabilities.has("backups.read") || !open) return null;
  const page: Page<BackupView> | string = await listBackups(actor, { database: open.databaseId }).catch(failureOf);
  if (typeof page === "string") return <FailedState title="Backups could not be read">{page}</FailedState>;
  if (page.rows.length === 0) {
    return (
      <EmptyState
        title={`${open.databaseName} was never backed up by the console`}
        action={<LinkButton href="/backups">Look at backups</LinkButton>}
      >
        Its rows could not be brought back from here.
      </EmptyState>
    );
  }
  return (
    <Table label="Backups">
      <tbody>
        {page.rows.slice(0, shown).map((backup) => (
          <Row key={backup.id}>
            <Cell narrow="title">
              <Link href={`/backups/${backup.id}`}>
                {open.databaseName}
                {backup.bytes === null ? "" : `, ${bytes(backup.bytes)}`}
              </Link>{" "}
              {open.tier === "database" ? null : <span className="text-faint">with its other tenants</span>}
            </Cell>
            <Cell narrow="meta">
              <Status kind={stateKinds[backup.state]}>{backup.state}</Status>{" "}
              {backup.verifiedAt ? "read back" : <span className="text-faint">not read back</span>}
            </Cell>
            <Cell narrow="end" className="w-28 text-muted">
              <When at={backup.startedAt} align="end" />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
