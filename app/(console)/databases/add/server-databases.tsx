import Link from "next/link";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { bytes } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { Actor } from "#db/actor.ts";
import { listServerDatabases } from "#db/databases/servers.ts";
import { Refusal } from "#db/errors.ts";
import { AddDatabase } from "./add-database.tsx";

type Listed = Awaited<ReturnType<typeof listServerDatabases>>;

/** What is on a server, asked now; a server that does not answer says why. */
export async function ServerDatabases({ actor, serverId }: { actor: Actor; serverId: string }) {
  let listed: Listed;
  try {
    listed = await listServerDatabases(actor, serverId);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return <FailedState title={error.message}>{error.fix}</FailedState>;
  }
  return (
    <Table label="Databases of the server">
      <Head columns={[{ label: "Database" }, { label: "Size", align: "end" }, { label: "Act", hidden: true }]} />
      <tbody>
        {listed.map((one) => (
          <Row key={one.name}>
            <Cell narrow="title" mono>
              {one.name}
            </Cell>
            <Cell narrow="meta" align="end">
              {bytes(one.bytes)}
            </Cell>
            <Cell narrow="end" align="end">
              {one.databaseId ? (
                <Link href={`/databases/${one.databaseId}`}>in the fleet</Link>
              ) : one.mayConnect ? (
                <AddDatabase serverId={serverId} name={one.name} />
              ) : (
                <span className="text-faint">may not connect</span>
              )}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
