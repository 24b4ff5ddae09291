import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { Badge } from "#components/ui/badge.tsx";
import type { StaffMember } from "#db/staff/contract.ts";
import { ChangeRole, DisablePerson } from "./person-actions.tsx";

interface PeopleTableProps {
  people: StaffMember[];
  self: string | null;
  manages: boolean;
}

export function PeopleTable({ people, self, manages }: PeopleTableProps) {
  const columns = [
    { label: "Name" },
    { label: "E-mail address" },
    { label: "Role" },
    { label: "State" },
    { label: "Last seen" },
    ...(manages ? [{ label: "Change", hidden: true, align: "end" as const }] : []),
  ];
  return (
    <Table label="People">
      <Head columns={columns} />
      <tbody>
        {people.map((person) => (
          <Row key={person.id}>
            <Cell narrow="title">
              {manages ? <Link href={`/settings/staff/${person.id}`}>{person.name}</Link> : person.name}{" "}
              {person.id === self ? <Badge tone="accent">you</Badge> : null}
            </Cell>
            <Cell narrow="meta">{person.email}</Cell>
            <Cell narrow="meta">{person.role}</Cell>
            <Cell narrow="meta">
              {person.disabledAt ? <Status kind="neutral">disabled</Status> : <Status kind="good">active</Status>}
            </Cell>
            <Cell narrow="hidden">
              <When at={person.lastSeenAt} />
            </Cell>
            {manages ? (
              <Cell narrow="end" align="end">
                {person.disabledAt ? null : (
                  <span className="inline-flex gap-2">
                    <ChangeRole person={person} />
                    <DisablePerson person={person} />
                  </span>
                )}
              </Cell>
            ) : null}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
