import { Bookmark } from "lucide-react";
import { ActionButton } from "#components/ui/action-button.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Menu, MenuHeading, MenuLink } from "#components/ui/menu.tsx";
import type { SavedView, SaveView } from "#db/audit/contract.ts";
import { removeView, saveView } from "./actions.ts";

const headings = { "built-in": "Built in", shared: "Shared", personal: "Yours" } as const;

/** The saved views of the log; a built-in one that asks for a record leads to the filter with its table and time set. */
export function ViewsMenu({ views, area = "audit" }: { views: SavedView[]; area?: SaveView["area"] }) {
  const groups = [...Map.groupBy(views, ({ kind }) => kind)];
  return (
    <Menu
      name="Saved views"
      label={
        <>
          <Bookmark aria-hidden="true" />
          Views
        </>
      }
    >
      {groups.map(([kind, of]) => (
        <div key={kind}>
          <MenuHeading>{headings[kind]}</MenuHeading>
          {of.map((view) => (
            <MenuLink key={view.id} href={`/${area}?${view.query}${view.asks ? `&asks=${view.asks}` : ""}`}>
              {view.name}
            </MenuLink>
          ))}
        </div>
      ))}
    </Menu>
  );
}

interface SaveViewProps {
  query: string;
  views: SavedView[];
  area?: SaveView["area"];
}

/** Keeps the present filter under a name, and lets go of one's own views. */
export function SaveViewButton({ query, views, area = "audit" }: SaveViewProps) {
  const own = views.filter(({ mine }) => mine);
  return (
    <DialogButton label="Save view" title="Save this view" description="Keeps the present filter under a name.">
      <ActionForm action={saveView} submit="Save view" hidden={{ area, query }} doneMessage="View saved">
        <Field label="Name" name="name" hint="A name you used before is replaced." required>
          <Input name="name" maxLength={80} />
        </Field>
        <Checkbox name="shared" value="true" label="Everybody may use it" />
      </ActionForm>
      {own.length > 0 ? (
        <ul className="mt-4 border-line border-t pt-2">
          {own.map((view) => (
            <li key={view.id} className="flex min-h-8 items-center justify-between gap-3">
              <span className="truncate">{view.name}</span>
              <ActionButton action={removeView} input={{ id: view.id }} small>
                Remove
              </ActionButton>
            </li>
          ))}
        </ul>
      ) : null}
    </DialogButton>
  );
}
