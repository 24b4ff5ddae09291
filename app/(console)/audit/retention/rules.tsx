import { Facts } from "#components/page/facts.tsx";
import { When } from "#components/time/when.tsx";
import { Button } from "#components/ui/button.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { keepMonthsMax, type RetentionRule } from "#db/audit/retention/contract.ts";
import { period, scopeWords } from "./words.ts";

interface RuleListProps {
  rules: RetentionRule[];
  withoutEffect: string | null;
}

/** How long entries of one database are kept, the rule for all of it first. */
export function RuleList({ rules, withoutEffect }: RuleListProps) {
  const whole = rules.find(({ table, tenant }) => table === null && tenant === null);
  const special = rules.filter((rule) => rule !== whole);
  return (
    <Facts
      items={[
        {
          label: "Kept",
          value: whole ? <Rule rule={whole} /> : `${period(keepMonthsMax)}, because nobody has set anything else`,
        },
        {
          label: "In PostgreSQL",
          value: whole?.hotMonths ? `${period(whole.hotMonths)} after a month has ended, then archived` : "always",
        },
        ...(withoutEffect === null ? [] : [{ label: "Removed", value: withoutEffect }]),
        ...special.map((rule) => ({ label: scopeWords(rule), value: <Rule rule={rule} /> })),
      ]}
    />
  );
}

function Rule({ rule }: { rule: RetentionRule }) {
  return (
    <>
      {period(rule.keepMonths)}
      <span className="text-muted">
        , set by {rule.setBy ?? "the system"} <When at={rule.setAt} />: {rule.reason}
      </span>
    </>
  );
}

interface ChangeRuleProps {
  databaseId: string;
  databaseName: string;
  rules: RetentionRule[];
}

/** Asks what is to change and leads to what that would mean; nothing happens here. */
export function ChangeRule({ databaseId, databaseName, rules }: ChangeRuleProps) {
  const whole = rules.find(({ table, tenant }) => table === null && tenant === null);
  return (
    <DialogButton
      small
      label={`Change retention of ${databaseName}`}
      title={`Retention of ${databaseName}`}
      description="You see what it means before anything changes, and a second person must agree."
    >
      <form action="/audit/retention/change" className="grid gap-4">
        <input type="hidden" name="databaseId" value={databaseId} />
        <Field label="Keep entries for, in months" hint="12 to 84." required>
          <Input name="keepMonths" type="number" min={12} max={84} defaultValue={whole?.keepMonths ?? keepMonthsMax} />
        </Field>
        <Field
          label="Of these in PostgreSQL, in months"
          hint="After a month has ended; then it is archived. Empty: never archived."
          optional
        >
          <Input name="hotMonths" type="number" min={1} max={84} defaultValue={whole?.hotMonths ?? ""} />
        </Field>
        <Field label="Only the table" hint="Such as public.orders; then leave the field above empty." optional>
          <Input name="table" mono />
        </Field>
        <Field label="Only the tenant" hint="Its key, as the application writes it." optional>
          <Input name="tenant" mono />
        </Field>
        <div>
          <Button type="submit" look="primary">
            Show what it means
          </Button>
        </div>
      </form>
    </DialogButton>
  );
}
