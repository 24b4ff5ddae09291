"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { RestorePlan } from "#db/records/restore/contract.ts";
import { choose } from "../actions.ts";
import { shownPlanHref } from "../addresses.ts";

/** What becomes of the rows, table by table; a table can be left out, and what was left out be taken in again. */
export function TableList({ plan, may }: { plan: RestorePlan; may: boolean }) {
  const { tables, input } = plan;
  const optional = may && plan.what === "restore";
  const linked = !input.links || tables.some(({ links }) => links > 0);
  const alone = input.entry !== undefined || input.record !== undefined || input.row !== undefined;
  return (
    <div className="grid gap-3">
      <Table label="Rows of the plan by table">
        <Head
          columns={[
            { label: "Table" },
            { label: "Written", align: "end", width: "w-24" },
            { label: "To decide", align: "end", width: "w-24" },
            { label: "Live already", align: "end", width: "w-28" },
            { label: "Left deleted", align: "end", width: "w-28" },
            { label: "Leave out", width: "w-28", hidden: true },
          ]}
        />
        <tbody>
          {tables.map(({ schema, name, rows, writes, open, live, skipped, links }) => {
            const table = `${schema}.${name}`;
            return (
              <Row key={table}>
                <Cell narrow="title">
                  <Link href={shownPlanHref(plan.hash, { table })} scroll={false} className="font-mono">
                    {table}
                  </Link>{" "}
                  <span className="text-faint">{rows}</span>
                  {links === 0 ? null : <p className="text-muted">{linkWords(links)}</p>}
                </Cell>
                <Cell align="end" narrow="meta">
                  {writes - open}
                  <span className="sm:hidden">{narrowWords({ open, live, skipped })}</span>
                </Cell>
                <Count of={open} className="font-medium text-warning" />
                <Count of={live} />
                <Count of={skipped} />
                <Cell narrow="end">
                  {optional && tables.length > 1 ? (
                    <Change plan={plan} leave={[...input.leave, table]}>
                      Leave out
                    </Change>
                  ) : null}
                </Cell>
              </Row>
            );
          })}
        </tbody>
      </Table>
      {optional && (input.leave.length > 0 || alone || linked) ? (
        <p className="flex flex-wrap items-center gap-2 text-muted" data-chrome="">
          {input.leave.map((table) => (
            <Change key={table} plan={plan} leave={input.leave.filter((one) => one !== table)}>
              Take in {table} again
            </Change>
          ))}
          {alone ? (
            <Change plan={plan} children_={!input.children}>
              {input.children ? "Without what went with it" : "With what went with it"}
            </Change>
          ) : null}
          {linked ? (
            <Change plan={plan} links={!input.links}>
              {input.links ? "Without rows that pointed to them" : "With rows that pointed to them"}
            </Change>
          ) : null}
        </p>
      ) : null}
    </div>
  );
}

function linkWords(links: number): string {
  return links === 1
    ? "1 pointed to a row that was deleted, and would again"
    : `${links} pointed to rows that were deleted, and would again`;
}

/** A narrow screen has neither headers nor the other counts. */
function narrowWords({ open, live, skipped }: Record<"open" | "live" | "skipped", number>): string {
  const others: [number, string][] = [
    [open, "to decide"],
    [live, "live already"],
    [skipped, "left deleted"],
  ];
  return [" written", ...others.flatMap(([count, what]) => (count === 0 ? [] : `${count} ${what}`))].join(", ");
}

function Count({ of, className }: { of: number; className?: string }) {
  return (
    <Cell align="end" narrow="hidden">
      {of === 0 ? <span className="text-faint">0</span> : <span className={className}>{of}</span>}
    </Cell>
  );
}

interface ChangeProps {
  plan: RestorePlan;
  leave?: string[];
  children_?: boolean;
  links?: boolean;
  children: React.ReactNode;
}

function Change({ plan, leave, children_, links, children }: ChangeProps) {
  const router = useRouter();
  const input = {
    plan: plan.hash,
    ...(leave === undefined ? {} : { leave: JSON.stringify(leave) }),
    ...(children_ === undefined ? {} : { children: String(children_) }),
    ...(links === undefined ? {} : { links: String(links) }),
  };
  return (
    <ActionButton
      small
      look="ghost"
      action={choose}
      input={input}
      onDone={({ plan }) => router.push(shownPlanHref(plan))}
    >
      {children}
    </ActionButton>
  );
}
