import Form from "next/form";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import type { Tier } from "#db/tenants/contract.ts";

interface PlaceFormProps {
  tenantId: string;
  tier: Tier;
  /** The database that lists the tenant. */
  home: string;
  places: { id: string; name: string }[];
  chosen?: string;
  /** The plan stands below already. */
  planned: boolean;
}

const fields = {
  schema: { name: "databaseId", label: "Database", usual: (home: string) => `Where it is listed: ${home}` },
  database: { name: "serverId", label: "Server", usual: (home: string) => `The server of ${home}` },
};

/** The place within the tier. Its address leads to the plan, which comes below while the focus stays where it is. */
export function PlaceForm({ tenantId, tier, home, places, chosen = "", planned }: PlaceFormProps) {
  const field = tier === "shared" ? null : fields[tier];
  return (
    <Form action={`/tenants/${tenantId}/move`} className="flex flex-wrap items-end gap-3">
      <input type="hidden" name="tier" value={tier} />
      <input type="hidden" name="plan" value="1" />
      {field && places.length > 1 ? (
        <div className="w-72 max-w-full">
          <Field label={field.label}>
            <Select
              name={field.name}
              defaultValue={chosen}
              options={[
                { value: "", label: field.usual(home) },
                ...places.map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          </Field>
        </div>
      ) : null}
      <Button type="submit" look={planned ? "secondary" : "primary"}>
        Look at the plan
      </Button>
    </Form>
  );
}
