import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { capabilities, capabilitiesOf, roles } from "#db/capabilities.ts";

/** Read from the one list that decides. */
export function RolesTable() {
  return (
    <Table label="Capabilities by role" stacks={false}>
      <Head columns={[{ label: "Capability" }, ...roles.map((role) => ({ label: role }))]} />
      <tbody>
        {capabilities.map((capability) => (
          <Row key={capability}>
            <Cell mono>{capability}</Cell>
            {roles.map((role) => (
              <Cell key={role}>
                {capabilitiesOf(role).has(capability) ? "yes" : <span className="text-faint">no</span>}
              </Cell>
            ))}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
