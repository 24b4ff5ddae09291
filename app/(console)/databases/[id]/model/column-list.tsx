import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import type { TableEvidence, TableModel } from "#db/databases/contract.ts";

interface ColumnListProps {
  table: TableModel;
  evidence: TableEvidence;
  onChange: (table: TableModel) => void;
}

/** Masked: kept as a keyed hash in every copy. Left out: a change of it alone makes no entry. */
export function ColumnList({ table, evidence, onChange }: ColumnListProps) {
  return (
    <Table label={`Columns of ${table.schema}.${table.name}`} stacks={false}>
      <Head columns={[{ label: "Column" }, { label: "Type" }, { label: "Masked" }, { label: "Left out" }]} />
      <tbody>
        {evidence.columns.map((column) => (
          <Row key={column.name}>
            <Cell mono>
              {column.name} {table.primaryKey.includes(column.name) ? <Badge>key</Badge> : null}
              {column.name === table.tenantColumn ? <Badge tone="accent">tenant</Badge> : null}
            </Cell>
            <Cell mono className="text-muted">
              {column.type}
            </Cell>
            <Cell>
              <Checkbox
                bare
                label={`Mask ${column.name}`}
                checked={table.maskedColumns.includes(column.name)}
                onChange={(event) =>
                  onChange({ ...table, maskedColumns: toggled(table.maskedColumns, column.name, event.target.checked) })
                }
              />
            </Cell>
            <Cell>
              <span className="inline-flex items-center gap-2">
                <Checkbox
                  bare
                  label={`Leave ${column.name} out`}
                  checked={table.ignoredColumns.includes(column.name)}
                  onChange={(event) =>
                    onChange({
                      ...table,
                      ignoredColumns: toggled(table.ignoredColumns, column.name, event.target.checked),
                    })
                  }
                />
                {evidence.suggestedIgnored.includes(column.name) ? (
                  <span className="text-faint text-xs">changes with every write</span>
                ) : null}
              </span>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function toggled(names: string[], name: string, wanted: boolean): string[] {
  return wanted ? [...names.filter((one) => one !== name), name] : names.filter((one) => one !== name);
}
