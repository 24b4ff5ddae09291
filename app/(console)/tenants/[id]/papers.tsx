import { EmptyState } from "#components/feedback/states.tsx";
import { bytes, count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { DownloadButton, LinkButton } from "#components/ui/button.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { TenantDetail } from "#db/tenants/contract.ts";
import type { TenantPaper } from "#db/tenants/leave/contract.ts";
import { ExportTenant } from "./export-tenant.tsx";
import { RemoveFile } from "./remove-file.tsx";

const kinds: Record<TenantPaper["kind"], string> = {
  export: "Export, JSON by row",
  archive: "Archive, SQL, restored and compared",
  certificate: "Certificate",
};

function whatOf({ kind, facts }: TenantPaper): string {
  return kind === "export" && facts.format === "dump" ? "Export, SQL dump" : kinds[kind];
}

/** What was written of a tenant, and the ways to have more written. */
export function Papers({
  tenant,
  papers,
  mayWrite,
}: {
  tenant: TenantDetail;
  papers: TenantPaper[];
  mayWrite: boolean;
}) {
  return (
    <div className="grid justify-items-start gap-3">
      {papers.length === 0 ? (
        <EmptyState title="No file yet">Exports, archives and certificates of this tenant would be here.</EmptyState>
      ) : (
        <Table label="Files and certificates">
          <Head
            columns={[
              { label: "What" },
              { label: "Rows", align: "end" },
              { label: "Size", align: "end" },
              { label: "SHA-256" },
              { label: "Made" },
              { label: "" },
            ]}
          />
          <tbody>
            {papers.map((paper) => (
              <Row key={paper.id}>
                <Cell narrow="title">{whatOf(paper)}</Cell>
                <Cell align="end" narrow="meta">
                  {paper.rows === null ? "" : count(paper.rows)}
                </Cell>
                <Cell align="end" narrow="end" className="whitespace-nowrap">
                  {paper.bytes === null ? "" : bytes(paper.bytes)}
                </Cell>
                <Cell narrow="hidden">
                  {paper.sha256 ? <Copy text={paper.sha256} keep={12} what="SHA-256" /> : null}
                </Cell>
                <Cell narrow="meta">
                  <When at={paper.madeAt} /> by {paper.madeBy}
                </Cell>
                <Cell align="end" narrow="meta">
                  {mayWrite ? (
                    <span className="inline-flex flex-wrap justify-end gap-2">
                      <DownloadButton href={`/api/tenants/papers/${paper.id}`}>Download</DownloadButton>
                      {paper.file ? <RemoveFile paper={paper} tenantName={tenant.name} what={whatOf(paper)} /> : null}
                    </span>
                  ) : null}
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      {mayWrite && tenant.tier !== null ? (
        <div className="flex flex-wrap gap-2">
          <ExportTenant tenantId={tenant.id} />
          <LinkButton href={`/tenants/${tenant.id}/leave?how=archive`}>Archive…</LinkButton>
          <LinkButton href={`/tenants/${tenant.id}/leave?how=delete`}>Delete…</LinkButton>
        </div>
      ) : null}
    </div>
  );
}
