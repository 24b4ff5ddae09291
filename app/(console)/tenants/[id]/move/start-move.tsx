"use client";
import { useRouter } from "next/navigation";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { duration } from "#components/time/duration.ts";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import type { MovePlanView, PlanMove } from "#db/moves/contract.ts";
import { startMove } from "../../moves/actions.ts";
import { CutoverField } from "../../moves/cutover-field.tsx";
import { PaceField } from "../../moves/pace-field.tsx";
import { placeWords } from "../../moves/words.ts";

/** The step that starts the plan as it is shown, then on to where it can be watched. */
export function StartMove({ plan, input }: { plan: MovePlanView; input: PlanMove }) {
  const router = useRouter();
  const { tenant, to } = plan;
  const { databaseId = "", serverId = "", ...where } = input;
  return (
    <DangerDialog
      tier="costly"
      verb="moves.start"
      subject={tenant.name}
      effect={`${tenant.name} is copied to ${placeWords(to)} while it goes on writing where it is, which takes about ${duration(plan.copySeconds * 1_000)} and loads both places. Until the cutover nothing changes for it.`}
      fields={{ ...where, databaseId, serverId }}
      planHash={plan.hash}
      action={startMove}
      confirm={`Start to move ${tenant.name}`}
      label="Start the move…"
      look="primary"
      doneMessage="The move begins"
      onDone={({ moveId }) => router.push(`/tenants/moves/${moveId}`)}
    >
      <Choices />
    </DangerDialog>
  );
}

function Choices() {
  return (
    <>
      <CutoverField value="asked" />
      <PaceField value="normal" />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Rows a second" name="throttleRows" hint="Empty: as fast as it goes." optional>
          <Input name="throttleRows" type="number" min={100} max={10_000_000} />
        </Field>
        <Field label="Way back, hours" name="graceHours" hint="At least so long it can be reversed.">
          <Input name="graceHours" type="number" min={0} max={8_760} defaultValue={72} />
        </Field>
      </div>
    </>
  );
}
