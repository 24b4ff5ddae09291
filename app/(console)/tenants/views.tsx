import { Bookmark } from "lucide-react";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DownloadButton } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Menu, MenuLink } from "#components/ui/menu.tsx";
import type { SavedView } from "#db/audit/contract.ts";
import { saveView } from "../audit/actions.ts";

/** Saved views of the list, and the list as a file. */
export function TenantViews({ views, query }: { views: SavedView[]; query: string }) {
  return (
    <>
      {views.length > 0 ? (
        <Menu
          name="Saved views"
          label={
            <>
              <Bookmark aria-hidden="true" />
              Views
            </>
          }
        >
          {views.map((view) => (
            <MenuLink key={view.id} href={`/tenants?${view.query}`}>
              {view.name}
              {view.kind === "shared" ? " (shared)" : ""}
            </MenuLink>
          ))}
        </Menu>
      ) : null}
      <DialogButton label="Save view" title="Save this view" description="Keeps the present filter under a name.">
        <ActionForm action={saveView} submit="Save view" hidden={{ area: "tenants", query }} doneMessage="View saved">
          <Field label="Name" name="name" hint="A name you used before is replaced." required>
            <Input name="name" maxLength={80} />
          </Field>
          <Checkbox name="shared" value="true" label="Everybody may use it" />
        </ActionForm>
      </DialogButton>
      <DownloadButton href={`/api/tenants/csv?${query}`}>CSV</DownloadButton>
    </>
  );
}
