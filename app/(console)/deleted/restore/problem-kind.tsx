"use client";
import Link from "next/link";
import { useState } from "react";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type { Choice, Choices, ProblemKind, ProblemRow, RestorePlan } from "#db/records/restore/contract.ts";
import { recordHref } from "../../audit/addresses.ts";
import { planHref } from "../addresses.ts";
import { ChoiceInput } from "./choice-input.tsx";

interface ProblemKindProps {
  plan: RestorePlan;
  kind: ProblemKind;
  choices: Choices;
  may: boolean;
  forKind(kind: string, choice: Choice | null): void;
  forRow(row: string, kind: string, choice: Choice | null): void;
}

/** One sort of problem: what it means, a choice for all of its rows, and on demand the rows with choices of their own. */
export function ProblemKindView({ plan, kind, choices, may, forKind, forRow }: ProblemKindProps) {
  const [shown, setShown] = useState(kind.examples.length === 1 || kind.open > 0);
  const [only] = kind.examples;
  const single = kind.rows === 1 && only !== undefined;
  return (
    <li className="grid gap-2 border-line border-b py-2">
      <div className="grid items-start gap-x-6 gap-y-2 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0">
          <p>
            <Status kind={kind.open > 0 ? "critical" : "warning"}>
              {kind.open > 0 ? counted(kind.open, "row") : "settled"}
            </Status>{" "}
            <span className="font-mono text-faint [overflow-wrap:anywhere]">
              {kind.schema}.{kind.table}
              {kind.subject === "row" ? "" : ` ${kind.subject}`}
            </span>
          </p>
          <p className="[overflow-wrap:anywhere]">{single ? only.message : kind.message}</p>
          {single ? <About plan={plan} row={only} /> : null}
        </div>
        {kind.offers.length > 0 ? (
          <ChoiceInput
            label={single ? "What to do" : `For all ${kind.rows} rows`}
            what={plan.what}
            offers={kind.offers}
            proposed={single ? only.proposed : null}
            choice={choices.kinds[kind.key] ?? null}
            disabled={!may}
            onChange={(choice) => forKind(kind.key, choice)}
          />
        ) : null}
      </div>
      {single ? null : (
        <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
          <summary className="inline-flex min-h-6 items-center rounded-sm text-accent">
            {kind.examples.length === kind.rows ? "The rows" : `The first ${kind.examples.length} of ${kind.rows} rows`}
          </summary>
          <ul className="ml-4 border-line border-t">
            {kind.examples.map((row) => (
              <li
                key={row.row}
                className="grid items-start gap-x-6 gap-y-1 border-line border-b py-1.5 lg:grid-cols-[minmax(0,1fr)_22rem]"
              >
                <div className="min-w-0">
                  <p className="[overflow-wrap:anywhere]">
                    <b className="font-medium">{row.label ?? row.record ?? "a row without a key"}</b>{" "}
                    {row.label !== null && row.record !== null ? (
                      <span className="font-mono text-faint">{row.record} </span>
                    ) : null}
                    <span className={row.settled ? "text-muted" : undefined}>{row.message}</span>
                  </p>
                  <About plan={plan} row={row} />
                </div>
                {row.offers.length > 0 ? (
                  <ChoiceInput
                    label={`For ${row.label ?? row.record ?? "this row"}`}
                    hideLabel
                    what={plan.what}
                    offers={row.offers}
                    proposed={row.proposed}
                    choice={choices.rows[row.row]?.[kind.key] ?? null}
                    otherwise={choices.kinds[kind.key] ? "As all of the kind" : "To decide"}
                    disabled={!may}
                    onChange={(choice) => forRow(row.row, kind.key, choice)}
                  />
                ) : null}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

/** A way to the row that a problem is about, or to the plan of a tenant that lives elsewhere. */
function About({ plan, row }: { plan: RestorePlan; row: ProblemRow }) {
  if (row.mover !== null) {
    const { choices: _c, children: _ch, links: _l, leave: _le, ...from } = plan.input;
    return (
      <Link href={planHref({ ...from, tenant: row.mover })} className="text-xs">
        Plan the rows of tenant {row.mover} where it lives
      </Link>
    );
  }
  if (row.about === null) return null;
  const { entry, ...address } = row.about;
  const href = entry === null ? recordHref(address) : `/audit/${address.database}/${entry}`;
  if (href === null) return null;
  const words = entry === null ? "History of" : "The deletion of";
  return (
    <Link href={href} className="text-xs">
      {words} {row.about.table} {row.about.record}
    </Link>
  );
}
