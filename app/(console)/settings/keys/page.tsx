import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { type KeyState, readKeyState } from "#db/secrets/rotate.ts";
import { rotateKeys } from "../actions.ts";
import { SettingsTabs } from "../settings-tabs.tsx";

export const metadata: Metadata = { title: "Master key" };

export default async function KeysPage() {
  const actor = await pageActor("keys.rotate");
  const state = await readKeyState(actor);
  const stale = state.secrets.filter(({ current }) => !current);
  return (
    <Screen
      title="Master key"
      answer={stale.length === 0 ? "Every stored credential is under the current key." : staleAnswer(stale)}
      actions={
        stale.length > 0 ? (
          <ActionButton look="primary" action={rotateKeys} doneMessage="Credentials re-wrapped">
            Re-wrap credentials
          </ActionButton>
        ) : null
      }
      filters={<SettingsTabs actor={actor} />}
    >
      <Section title="Credentials by key" answer="A key is shown by its id, which tells nothing about it.">
        <SecretsByKey state={state} />
      </Section>
      <Section title="Changing the key">
        <ol className="grid max-w-[80ch] list-decimal gap-1 pl-5 text-muted">
          <li>
            Put the old key into <code>CARETAKER_KEY_PREVIOUS</code> and a new one into <code>CARETAKER_KEY</code>, for
            web and worker, and restart both. Nobody is signed out.
          </li>
          <li>
            Re-wrap here or with <code>caretaker keys rotate</code>; reading goes on meanwhile.
          </li>
          <li>
            When nothing is under the old key any more, and 12 hours have passed, take{" "}
            <code>CARETAKER_KEY_PREVIOUS</code> out.
          </li>
        </ol>
      </Section>
    </Screen>
  );
}

function staleAnswer(stale: KeyState["secrets"]): string {
  const count = stale.reduce((sum, secret) => sum + secret.count, 0);
  return `${count} stored credential${count === 1 ? " is" : "s are"} still under an older key.`;
}

function SecretsByKey({ state }: { state: KeyState }) {
  if (state.secrets.length === 0) {
    return <EmptyState title="No stored credentials">Adding a server stores its password here, sealed.</EmptyState>;
  }
  return (
    <Table label="Credentials by key" stacks={false}>
      <Head columns={[{ label: "Key" }, { label: "State" }, { label: "Credentials", align: "end" }]} />
      <tbody>
        {state.secrets.map((secret) => (
          <Row key={secret.keyId}>
            <Cell mono>{secret.keyId}</Cell>
            <Cell>
              <KeyStatus secret={secret} />
            </Cell>
            <Cell align="end">{secret.count}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function KeyStatus({ secret }: { secret: KeyState["secrets"][number] }) {
  if (secret.current) return <Status kind="good">current</Status>;
  if (secret.configured) return <Status kind="warning">previous, still needed</Status>;
  return <Status kind="critical">missing from the configuration</Status>;
}
