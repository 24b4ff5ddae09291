import { Value } from "#components/diff/value.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { parseLossless } from "#db/audit/lossless.ts";
import type { RestoreField } from "#db/records/restore/contract.ts";

/** Field by field: as it was and as it will be. */
export function FieldsPreview({ fields }: { fields: RestoreField[] }) {
  return (
    <Table label="Fields as they will be written">
      <Head
        columns={[
          { label: "Field", width: "w-56" },
          { label: "As it was" },
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
            <Cell>{field.was === null ? <Value value={undefined} /> : <Value value={parseLossless(field.was)} />}</Cell>
            <Cell>
              {field.will === null ? (
                <span className="text-faint">not written</span>
              ) : field.will === field.was ? (
                <span className="text-faint">the same</span>
              ) : (
                <Value value={parseLossless(field.will)} />
              )}
            </Cell>
            <Cell className="text-muted">{field.note}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
