import { Bar } from "#components/charts/bar.tsx";
import { Status } from "#components/feedback/status.tsx";
import { bytes, count, percent } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { ServerStanding } from "#db/placing/contract.ts";
import { CapacityForm } from "./capacity-form.tsx";

interface ServerListProps {
  servers: readonly ServerStanding[];
  limit: number;
  manages: boolean;
}

export function ServerList({ servers, limit, manages }: ServerListProps) {
  return (
    <Table label="Servers">
      <Head
        columns={[
          { label: "Server" },
          { label: "Region" },
          { label: "Disk" },
          { label: "Load" },
          { label: "Databases", align: "end" },
          { label: "Tenants", align: "end" },
          { label: "Sampled" },
          { label: "Change", hidden: true, align: "end" },
        ]}
      />
      <tbody>
        {servers.map((server) => (
          <Row key={server.id}>
            <Cell narrow="title">{server.name}</Cell>
            <Cell narrow="meta">{server.region ?? <span className="text-faint">no region</span>}</Cell>
            <Cell narrow="meta">
              <Share
                share={server.pressure.disk}
                limit={limit}
                label={`Disk of ${server.name}`}
                text={diskText(server)}
              />
            </Cell>
            <Cell narrow="meta">
              <Share
                share={server.pressure.load}
                limit={limit}
                label={`Load of ${server.name}`}
                text={loadText(server)}
              />
            </Cell>
            <Cell align="end" narrow="hidden">
              {count(server.databases)}
            </Cell>
            <Cell align="end" narrow="hidden">
              {count(server.tenants)}
            </Cell>
            <Cell narrow={server.silent ? "meta" : "hidden"}>
              <Sampled server={server} />
            </Cell>
            <Cell align="end" narrow="end">
              {manages ? <CapacityForm server={server} /> : null}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Sampled({ server: { sampledAt, silent } }: { server: ServerStanding }) {
  if (sampledAt === null) return "never";
  if (!silent) return <When at={sampledAt} />;
  return (
    <Status kind="critical">
      has not answered since <When at={sampledAt} />
    </Status>
  );
}

function Share({ share, limit, label, text }: { share: number | null; limit: number; label: string; text: string }) {
  if (share === null) return <Status kind="unknown">{text}</Status>;
  const over = share > limit;
  return (
    <div className="grid min-w-32 gap-1 py-1">
      <Status kind={over ? "critical" : share > limit * 0.9 ? "warning" : "good"}>
        {percent(share, 0)} <span className="text-muted">{text}</span>
      </Status>
      <Bar share={share} kind={over ? "critical" : "accent"} label={`${label}: ${percent(share, 0)}`} />
    </div>
  );
}

function diskText({ diskBytes, usedBytes }: ServerStanding): string {
  const used = usedBytes === null ? "not sampled yet" : bytes(usedBytes);
  return diskBytes === null ? `${used}, its disk is not known` : `${used} of ${bytes(diskBytes)}`;
}

function loadText({ cores, load }: ServerStanding): string {
  const busy = load === null ? "not known yet" : `${load.toFixed(1)} statements at once`;
  return cores === null ? `${busy}, its cores are not known` : `${busy}, of ${count(cores)}`;
}
