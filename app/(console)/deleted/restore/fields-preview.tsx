import { Value } from "#components/diff/value.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { parseLossless } from "#db/audit/lossless.ts";
import type { RestoreField } from "#db/records/restore/contract.ts";

/** Field by field: as it was, as it stands now where the row is there, and as it will be. */
export function FieldsPreview({ fields }: { fields: RestoreField[] }) {
  const stands = fields.some((field) => field.stands !== null);
  return (
    <Table label="Fields as they will be written">
      <Head
        columns={[
          { label: "Field", width: "w-56" },
          { label: "As it was" },
          ...(stands ? [{ label: "As it stands" }] : []),
          { label: "As it will be" },
          { label: "Note" },
        ]}
      />
      <tbody>
        {fields.map((field) => (
          <Row key={field.name}>
            <Cell narrow="title">
              <span className="font-mono">{field.name}</span> <span className="text-faint text-xs">{field.type}</span>
            </Cell>
            <Cell>
              <Shown json={field.was} />
            </Cell>
            {stands ? (
              <Cell>
                <Shown json={field.stands} />
              </Cell>
            ) : null}
            <Cell>
              {field.will === null ? (
                <span className="text-faint">{stands ? "stays" : "not written"}</span>
              ) : field.will === field.was ? (
                <span className="text-faint">as it was</span>
              ) : (
                <Shown json={field.will} />
              )}
            </Cell>
            <Cell className="text-muted">{field.note}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Shown({ json }: { json: string | null }) {
  return <Value value={json === null ? undefined : parseLossless(json)} />;
}
