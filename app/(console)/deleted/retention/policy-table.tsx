import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Status } from "#components/feedback/status.tsx";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { Actor } from "#db/actor.ts";
import type { Policy } from "#db/records/retention/contract.ts";
import type { RetainedTable } from "#db/records/retention/overview.ts";
import { policySubject } from "#db/records/retention/policies.ts";
import { switchOnHash } from "#db/records/retention/set-policy.ts";
import { switchOff, switchOn } from "./actions.ts";
import { ChangePolicy } from "./change-policy.tsx";
import { policyState, policyWords, whoseWords } from "./words.ts";

const columns = [
  { label: "Table" },
  { label: "For", width: "w-32" },
  { label: "Marked rows are", width: "w-56" },
  { label: "State", width: "w-32" },
  { label: "Set" },
  { label: "Actions", hidden: true, width: "w-44" },
];

interface PolicyTableProps {
  databaseId: string;
  databaseName: string;
  tables: RetainedTable[];
  actor: Actor;
}

/** Tables that a tenant has to itself go by the policies of the shared ones, unless somebody set others: they stand behind a fold. */
export function PolicyTable({ tables, ...rest }: PolicyTableProps) {
  const follows = (table: RetainedTable) => table.tenant !== null && !table.policies.some(({ as }) => as === undefined);
  const [own, following] = [tables.filter((table) => !follows(table)), tables.filter(follows)];
  const { databaseName } = rest;
  return (
    <>
      {own.length > 0 ? <Rows label={`Policies of ${databaseName}`} tables={own} {...rest} /> : null}
      {following.length > 0 ? (
        <details open={own.length === 0}>
          <summary className="w-fit cursor-pointer text-muted">
            {following.length === 1
              ? "1 table of a tenant's own place goes"
              : `${count(following.length)} tables of tenants' own places go`}{" "}
            by the policies of the shared tables
          </summary>
          <Rows label={`Policies of tenants' own places in ${databaseName}`} tables={following} {...rest} />
        </details>
      ) : null}
    </>
  );
}

function Rows({ label, databaseId, databaseName, tables, actor }: PolicyTableProps & { label: string }) {
  return (
    <Table label={label}>
      <Head columns={columns} />
      <tbody>
        {tables.flatMap((table) => {
          const whole = table.policies.find(({ tenant }) => tenant === null);
          return [
            <TableRow
              key={`${table.schema}.${table.name}`}
              {...{ databaseId, databaseName, table, actor }}
              policy={whole}
            />,
            ...table.policies
              .filter(({ tenant }) => tenant !== null)
              .map((policy) => <TableRow key={policy.id} {...{ databaseId, databaseName, table, actor, policy }} />),
          ];
        })}
      </tbody>
    </Table>
  );
}

interface RowProps {
  databaseId: string;
  databaseName: string;
  table: RetainedTable;
  policy: Policy | undefined;
  actor: Actor;
}

function TableRow({ databaseId, databaseName, table, policy, actor }: RowProps) {
  const state = policy && policyState(policy);
  return (
    <Row>
      <Cell narrow="title">
        <span className="font-mono">{`${table.schema}.${table.name}`}</span>{" "}
        <span className="text-faint text-xs">by {table.mark}</span>
      </Cell>
      <Cell narrow="meta">{whoseWords(policy?.tenant ?? table.tenant)}</Cell>
      <Cell narrow="meta">{policy ? policyWords(policy) : "kept, since there is no policy"}</Cell>
      <Cell narrow="end">
        {state ? <Status kind={state.kind}>{state.word}</Status> : <Status kind="unknown">none</Status>}
      </Cell>
      <Cell>
        {policy?.as ? (
          <>
            as {policy.as.table} of {policy.as.databaseName}
            {policy.as.tenant === null ? null : `, ${whoseWords(policy.as.tenant)}`}
          </>
        ) : policy ? (
          <>
            {policy.setBy ?? "the system"} <When at={policy.setAt} />
            {policy.onBy ? <span className="text-muted">, switched on by {policy.onBy}</span> : null}
            <span className="block text-muted">{policy.reason}</span>
          </>
        ) : null}
      </Cell>
      <Cell align="end">
        <span className="flex flex-wrap justify-end gap-2">
          {actor.capabilities.has("retention.manage") ? (
            <ChangePolicy
              databaseId={databaseId}
              table={`${table.schema}.${table.name}`}
              graceDays={table.graceDays}
              policy={policy}
            />
          ) : null}
          {policy && !policy.as ? <Switch policy={policy} databaseName={databaseName} actor={actor} /> : null}
        </span>
      </Cell>
    </Row>
  );
}

function Switch({ policy, databaseName, actor }: { policy: Policy; databaseName: string; actor: Actor }) {
  if (policy.deletion === "never") return null;
  if (policy.onAt !== null) {
    return actor.capabilities.has("retention.manage") ? (
      <ActionButton small action={switchOff} input={{ id: policy.id }} doneMessage="It only counts from now on.">
        Switch off
      </ActionButton>
    ) : null;
  }
  if (!actor.capabilities.has("records.purge")) return null;
  const table = `${policy.schema}.${policy.name}`;
  return (
    <DangerDialog
      small
      tier="irreversible"
      verb="records.purge"
      subject={policySubject(databaseName, { table, tenant: policy.tenant })}
      effect={`From the next run on, marked rows of ${table} are ${policyWords(policy)}. It takes a dry run since the policy was set, and a second person.`}
      fields={{ id: policy.id }}
      planHash={switchOnHash(policy)}
      action={switchOn}
      confirm={`Switch on the purge of ${table}`}
      label="Switch on"
      doneMessage="The policy is on."
    />
  );
}
