import { ColumnMenu } from "#components/table/column-menu.tsx";
import { DownloadButton } from "#components/ui/button.tsx";
import type { SavedView } from "#db/audit/contract.ts";
import { SaveViewButton, ViewsMenu } from "../audit/views-menu.tsx";
import { choosableColumns, usualColumns } from "./columns.ts";

interface TenantViewsProps {
  views: SavedView[];
  /** The filter of the list, and the view of it with its columns. */
  query: string;
  view: string;
}

/** Columns, saved views of the list, and the list as a file. */
export function TenantViews({ views, query, view }: TenantViewsProps) {
  return (
    <>
      <ColumnMenu columns={choosableColumns} usual={usualColumns} />
      {views.length > 0 ? <ViewsMenu views={views} area="tenants" /> : null}
      <SaveViewButton query={view} views={views} area="tenants" />
      <DownloadButton href={`/api/tenants/csv?${query}`}>CSV</DownloadButton>
    </>
  );
}
