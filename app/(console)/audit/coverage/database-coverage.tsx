import { settle } from "#app/_server/settle.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { bytes, count } from "#components/numbers/format.ts";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import type { CoveredTable, StrayEntries, Volume } from "#db/audit/coverage/contract.ts";
import { coverageSentence, troubled, unclassifiedCount } from "#db/audit/coverage/sentence.ts";
import { readStrayEntries } from "#db/audit/coverage/stray.ts";
import { readUnknownActors } from "#db/audit/coverage/unknown-actors.ts";
import { readVolume } from "#db/audit/coverage/volume.ts";
import { readWriteCosts } from "#db/audit/coverage/write-costs.ts";
import { readNoise } from "#db/audit/noise.ts";
import { readCoverage } from "#db/databases/coverage/tables.ts";
import type { Result } from "#db/errors.ts";
import { NoiseList } from "./noise-list.tsx";
import { CoveredTables } from "./table-list.tsx";
import { UnknownActorList } from "./unknown-actor-list.tsx";
import { consoleLog, coverageHref } from "./words.ts";
import { CostNote } from "./write-cost.tsx";

interface DatabaseCoverageProps {
  actor: Actor;
  database: { id: string; name: string };
  state: string;
  find: string;
}

const where = "/audit/coverage";

/** Everything about one database; each part may fail on its own. */
export async function DatabaseCoverage({ actor, database, state, find }: DatabaseCoverageProps) {
  const { id } = database;
  const [tables, volume, unknown, stray, costs] = await Promise.all([
    settle(readCoverage(actor, id), where),
    settle(readVolume(actor, id), where),
    settle(readUnknownActors(actor, id), where),
    settle(readStrayEntries(actor, id), where),
    settle(readWriteCosts(actor, id), where),
  ]);
  const noise = id === consoleLog ? null : await settle(readNoise(actor, id, busiest(volume)), where);
  const manages = actor.capabilities.has("databases.manage");
  return (
    <div className="grid gap-6">
      {tables.ok ? <Answer id={id} tables={tables.data} manages={manages} /> : null}
      {stray.ok ? <Stray stray={stray.data} /> : null}
      <Section title="Tables" answer={volume.ok ? volumeWords(volume.data) : undefined}>
        {tables.ok ? (
          <CoveredTables
            databaseId={id}
            tables={tables.data}
            volume={volume.ok ? volume.data : null}
            costs={costs.ok ? costs.data : null}
            state={state}
            find={find}
          />
        ) : (
          <Failed what="The tables could not be read" failure={tables} id={id} />
        )}
        {costs.ok ? <CostNote costs={costs.data} /> : null}
      </Section>
      {noise === null ? null : (
        <Section
          title="Noise"
          answer="Columns that change with nearly every write and tell nothing by themselves, as the log shows. A change of them alone then makes no entry; the rows' states keep them."
        >
          {noise.ok ? (
            <NoiseList databaseId={id} columns={noise.data} manages={manages} />
          ) : (
            <Failed what="The newest changes could not be read" failure={noise} id={id} />
          )}
        </Section>
      )}
      <Section
        title="Entries without a known actor"
        answer="The application wrote and did not say for whom. The role and the program tell where to set the context."
      >
        {unknown.ok ? (
          <UnknownActorList databaseId={id} unknown={unknown.data} />
        ) : (
          <Failed what="The entries could not be read" failure={unknown} id={id} />
        )}
      </Section>
    </div>
  );
}

function Answer({ id, tables, manages }: { id: string; tables: CoveredTable[]; manages: boolean }) {
  const columns = unclassifiedCount(tables);
  const plan = id !== consoleLog && troubled(tables).length > 0;
  return (
    <div className="grid justify-items-start gap-2">
      <p className="max-w-[90ch]">{coverageSentence(tables)}</p>
      {plan || (manages && columns > 0) ? (
        <div className="flex flex-wrap gap-2" data-chrome="">
          {manages && columns > 0 ? (
            <LinkButton look="primary" href={`/audit/coverage/columns?database=${id}`}>
              Classify {count(columns)} {columns === 1 ? "column" : "columns"}
            </LinkButton>
          ) : null}
          {plan ? <LinkButton href={`/databases/${id}/plan`}>Look at the plan</LinkButton> : null}
        </div>
      ) : null}
    </div>
  );
}

/** The default partition holds something: the worker did not make a month's partition in time. */
function Stray({ stray }: { stray: StrayEntries }) {
  if (stray.entries === 0) return null;
  return (
    <FailedState title={`${count(stray.entries)}${stray.capped ? "+" : ""} entries lie in the fallback partition`}>
      Their months had no partition of their own
      {stray.oldest && stray.newest ? (
        <>
          : from <When at={stray.oldest} absolute /> to <When at={stray.newest} absolute />
        </>
      ) : null}
      . Nothing is lost, and the application went on. Start the worker: every hour it makes the partitions and moves the
      entries there. Those of an archived month stay until it is brought back.
    </FailedState>
  );
}

function volumeWords(volume: Volume): string {
  const perDay = volume.tables.reduce((sum, one) => sum + one.entriesPerDay, 0);
  const bytesPerDay = volume.tables.reduce((sum, one) => sum + one.bytesPerDay, 0);
  const how = volume.exact ? "counted" : "estimated from a sample of its pages";
  const days = volume.days < 1 ? "the log's first hours" : `the last ${Math.floor(volume.days)} days`;
  return `The log grows by about ${count(Math.round(perDay))} entries and ${bytes(bytesPerDay)} a day (${how} over ${days}), and takes ${bytes(volume.bytesTotal)} now.`;
}

/** The tables that most of the log is about. */
function busiest(volume: Result<Volume>): { schema: string; name: string }[] {
  if (!volume.ok) return [];
  return volume.data.tables.flatMap(({ schema, table }) =>
    schema === null || table === null ? [] : [{ schema, name: table }],
  );
}

interface FailedProps {
  what: string;
  failure: Extract<Result<never>, { ok: false }>;
  id: string;
}

function Failed({ what, failure, id }: FailedProps) {
  return (
    <FailedState title={what} action={<LinkButton href={coverageHref(id)}>Try again</LinkButton>}>
      {failure.message} {failure.fix}
    </FailedState>
  );
}
