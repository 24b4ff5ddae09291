import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Status } from "#components/feedback/status.tsx";
import { bytes, counted } from "#components/numbers/format.ts";
import { type Fact, Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { DownloadButton } from "#components/ui/button.tsx";
import { Code } from "#components/ui/code.tsx";
import { Copy } from "#components/ui/copy.tsx";
import { type BackupView, backupReference, type RemovalPlan } from "#db/backups/contract.ts";
import { readBackup } from "#db/backups/read.ts";
import { planRemoval } from "#db/backups/remove.ts";
import { Refusal } from "#db/errors.ts";
import { StartJob } from "../../jobs/start-job.tsx";
import { removeBackup, verifyBackup } from "../actions.ts";
import { stateKinds, staysWords } from "../words.ts";

export const metadata: Metadata = { title: "Backup" };

export default async function BackupPage({ params }: PageProps<"/backups/[id]">) {
  const actor = await pageActor("backups.read");
  const parsed = backupReference.safeParse(await params);
  if (!parsed.success) notFound();
  const backup = await readBackup(actor, parsed.data.id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const whole = backup.state === "good" || backup.state === "damaged";
  const isThere = whole || backup.state === "missing";
  const removal = isThere && actor.capabilities.has("retention.manage") ? await planRemoval(actor, backup) : null;
  return (
    <Screen
      above={<Link href="/backups">Backups</Link>}
      title={`Backup of ${backup.databaseName}`}
      answer={<Answer backup={backup} />}
      actions={
        <>
          {whole && actor.capabilities.has("backups.download") ? <Downloads backup={backup} /> : null}
          {isThere && actor.capabilities.has("backups.run") ? (
            <StartJob look="primary" action={verifyBackup} input={{ id: backup.id }}>
              Verify checksum
            </StartJob>
          ) : null}
          {removal?.obstacle === null ? <Remove backup={backup} plan={removal} /> : null}
        </>
      }
    >
      <Section title="What it is">
        <Facts items={factsOf(backup, removal)} />
      </Section>
      {whole ? (
        <Section title="Restore it by hand" answer="Into a new, empty database, so that nothing in use is touched.">
          <Code text={restoreText(backup)} />
        </Section>
      ) : null}
    </Screen>
  );
}

function Answer({ backup }: { backup: BackupView }) {
  if (backup.state !== "good") {
    return (
      <Status kind={stateKinds[backup.state]}>
        {backup.state}
        {backup.error ? `: ${backup.error}` : ""}
      </Status>
    );
  }
  return (
    <>
      <Status kind="good">good</Status>, as of <When at={backup.startedAt} />;{" "}
      {backup.verifiedAt ? (
        <>
          its file was read again <When at={backup.verifiedAt} />.
        </>
      ) : (
        "its file has not been read again since it was written."
      )}
    </>
  );
}

function Downloads({ backup }: { backup: BackupView }) {
  return (
    <>
      <DownloadButton href={`/api/backups/${backup.id}/download`}>Download dump</DownloadButton>
      {backup.globals ? (
        <DownloadButton href={`/api/backups/${backup.id}/download?part=globals`}>Download roles</DownloadButton>
      ) : null}
    </>
  );
}

function Remove({ backup, plan }: { backup: BackupView; plan: RemovalPlan }) {
  return (
    <DangerDialog
      tier="irreversible"
      verb="backups.remove"
      subject={plan.subject}
      effect="Its file goes now, with the roles beside it, and what it holds can be restored no more. A second person must agree."
      fields={{ id: backup.id }}
      planHash={plan.hash}
      action={removeBackup}
      confirm="Remove this backup"
      doneMessage="It is removed."
      redirectTo="/backups"
    />
  );
}

function factsOf(backup: BackupView, removal: RemovalPlan | null): Fact[] {
  const facts: (Fact | null)[] = [
    { label: "Began", value: <When at={backup.startedAt} absolute /> },
    { label: "Finished", value: <When at={backup.finishedAt} absolute none="not yet" /> },
    backup.file ? { label: "File", value: <Copy text={backup.file} keep={0} what="file name" /> } : null,
    backup.bytes ? { label: "Size", value: bytes(backup.bytes) } : null,
    backup.sha256 ? { label: "SHA-256", value: <Copy text={backup.sha256} keep={0} what="checksum" /> } : null,
    backup.tables === null
      ? null
      : {
          label: "Holds",
          value: `${counted(backup.tables, "table")}, ${counted(backup.objects ?? 0, "object")} in all`,
        },
    { label: "Roles", value: backup.globals ? "beside it, without passwords" : (backup.globalsNote ?? "none") },
    backup.toolVersion
      ? { label: "Versions", value: `pg_dump ${backup.toolVersion}, server ${backup.serverVersion}` }
      : null,
    { label: "Goes", value: <Goes backup={backup} /> },
    removal?.obstacle ? { label: "Removing it", value: `${removal.obstacle.message} ${removal.obstacle.fix}` } : null,
    backup.jobId ? { label: "Job", value: <Link href={`/jobs/${backup.jobId}`}>How it ran</Link> } : null,
  ];
  return facts.filter((fact) => fact !== null);
}

function Goes({ backup: { expiresAt, expiredAt, error, stays } }: { backup: BackupView }) {
  if (expiredAt !== null)
    return (
      <>
        {error ?? "Its time was over"}; its file was removed <When at={expiredAt} absolute />
      </>
    );
  return (
    <>
      <When at={expiresAt} absolute none="when somebody removes it" />
      {expiresAt !== null && stays !== null ? `; ${staysWords[stays]}` : null}
    </>
  );
}

function restoreText({ databaseName, file, globals }: BackupView): string {
  const roles = globals ? [`psql --dbname=postgres --file=${file.replace(/\.dump$/, ".globals.sql")}`] : [];
  const target = `${databaseName}_restored`;
  return [
    ...roles,
    `createdb --template=template0 '${target}'`,
    `pg_restore --exit-on-error --dbname='${target}' ${file}`,
    "# Before anybody else connects, where people were erased since; erasures close does so beforehand:",
    `caretaker erasures replay '${target}' --of '${databaseName}'`,
  ].join("\n");
}
