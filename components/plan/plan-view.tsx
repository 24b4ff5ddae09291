import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { counted } from "#components/numbers/format.ts";
import { DownloadButton } from "#components/ui/button.tsx";
import { Code } from "#components/ui/code.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { PlannedStatement, PlanProblem } from "./plan.ts";
import { Problems } from "./problems.tsx";

interface PlanViewProps {
  /** What will happen, in plain words. */
  summary?: ReactNode;
  statements: readonly PlannedStatement[];
  /** Where the screen does not show them itself. */
  problems?: readonly PlanProblem[];
  hash: string;
  downloadHref?: string;
}

/** Every plan of the console: problems first, then each statement with its lock and its reason, and the hash that consent is bound to. */
export function PlanView({ summary, statements, problems, hash, downloadHref }: PlanViewProps) {
  return (
    <div className="grid gap-4">
      {summary ? <div className="max-w-[90ch]">{summary}</div> : null}
      {problems ? <Problems problems={problems} /> : null}
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-muted">
          {counted(statements.length, "statement")}, {lockWords(statements)}. Plan{" "}
          <Copy text={hash} keep={14} what="plan hash" />
        </p>
        {downloadHref && statements.length > 0 ? (
          <DownloadButton href={downloadHref}>Download SQL</DownloadButton>
        ) : null}
      </div>
      {[...Map.groupBy(numbered(statements), ({ phase }) => phase ?? "")].map(([phase, part]) => (
        <Part key={phase} phase={phase} statements={part} />
      ))}
    </div>
  );
}

type Numbered = PlannedStatement & { number: number };

/** A long part of several is folded: its name and its locks say what is in it. */
function Part({ phase, statements }: { phase: string; statements: readonly Numbered[] }) {
  if (phase === "") return <StatementList statements={statements} />;
  return (
    <details open={statements.length <= 12} className="group/part">
      <summary className="mb-1">
        <ChevronRight
          aria-hidden="true"
          className="mr-1 inline size-4 align-text-bottom text-faint group-open/part:rotate-90"
        />
        <h3 className="inline font-medium">{phase}</h3>{" "}
        <span className="text-muted">
          {counted(statements.length, "statement")}, {lockWords(statements)}
        </span>
      </summary>
      <StatementList statements={statements} />
    </details>
  );
}

function lockWords(statements: readonly PlannedStatement[]): string {
  const locking = statements.filter((statement) => statement.lock !== "none").length;
  return locking === 0 ? "none takes a lock" : `${locking} with a lock`;
}

function StatementList({ statements }: { statements: readonly Numbered[] }) {
  return (
    <ol className="border-line border-t">
      {statements.map((statement) => (
        <li key={statement.number} className="border-line border-b">
          <details>
            <summary className="grid min-h-(--row) items-center gap-x-4 py-1 hover:bg-hover sm:grid-cols-[3ch_minmax(0,1.2fr)_minmax(0,2fr)_minmax(0,1fr)]">
              <span className="hidden text-end text-faint sm:block">{statement.number}</span>
              <span className="font-mono [overflow-wrap:anywhere]">{statement.object}</span>
              <span className="text-muted">{statement.why}</span>
              <Lock statement={statement} />
            </summary>
            <div className="pb-3 sm:pl-[calc(3ch+16px)]">
              <Code text={statement.sql} />
            </div>
          </details>
        </li>
      ))}
    </ol>
  );
}

function numbered(statements: readonly PlannedStatement[]): Numbered[] {
  return statements.map((statement, at) => ({ ...statement, number: at + 1 }));
}

function Lock({ statement }: { statement: PlannedStatement }) {
  return (
    <span className="min-w-0 text-xs [overflow-wrap:anywhere]">
      {statement.lock === "none" ? <span className="text-faint">no lock</span> : statement.lock}
      {statement.transactional === false ? <span className="ml-2 text-warning">▲ outside the transaction</span> : null}
    </span>
  );
}
