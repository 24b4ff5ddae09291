import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import type { MoveView } from "#db/moves/contract.ts";
import { pacings } from "#db/moves/pace/contract.ts";
import { throttleMove } from "../actions.ts";
import { PaceField } from "../pace-field.tsx";

/** How much of its servers the copy may take. Empty fields stand as the pace has them. */
export function Throttle({ move }: { move: MoveView }) {
  const { pace, paceLimits: set, throttleRows } = move;
  const usual = pacings[pace];
  return (
    <DialogButton
      label="Throttle…"
      title="Throttle the copy"
      description="Holds within a second, for copying and comparing, until it is set again. The cutover is never held back."
    >
      <ActionForm action={throttleMove} submit="Set the speed" hidden={{ moveId: move.id }} doneMessage="Speed set">
        <PaceField value={pace} />
        <Field label="Rows a second" name="rows" hint="From 100 on. Empty: as fast as it goes." optional>
          <Input name="rows" type="number" min={100} max={10_000_000} defaultValue={throttleRows ?? ""} />
        </Field>
        <p className="text-muted text-xs">Limits that differ from the pace. Empty: as the pace has them.</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Commits, times as slow" name="slowdown" hint={usually(usual.slowdown)} optional>
            <Input name="slowdown" type="number" min={1.1} max={1_000} step={0.1} defaultValue={set.slowdown ?? ""} />
          </Field>
          <Field label="Replica behind, seconds" name="lagSeconds" hint={usually(usual.lagSeconds)} optional>
            <Input name="lagSeconds" type="number" min={0.1} step={0.1} defaultValue={set.lagSeconds ?? ""} />
          </Field>
          <Field label="Log, MB a second" name="walMbPerSecond" hint={usually(usual.walMbPerSecond)} optional>
            <Input name="walMbPerSecond" type="number" min={1} defaultValue={set.walMbPerSecond ?? ""} />
          </Field>
          <Field
            label="Sessions waiting for locks"
            name="waitingSessions"
            hint={usually(usual.waitingSessions)}
            optional
          >
            <Input name="waitingSessions" type="number" min={0} defaultValue={set.waitingSessions ?? ""} />
          </Field>
        </div>
      </ActionForm>
    </DialogButton>
  );
}

function usually(limit: number | null): string {
  return limit === null ? "The pace has no limit." : `The pace has ${limit}.`;
}
