"use client";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { Choice, Offer, RestorePlan } from "#db/records/restore/contract.ts";
import { choiceOf, offerLabel, typedIn, typedLabel } from "./words.ts";

interface ChoiceInputProps {
  label: string;
  hideLabel?: boolean;
  what: RestorePlan["what"];
  offers: readonly Offer[];
  /** A free value, where a row takes another one. */
  proposed: string | null;
  choice: Choice | null;
  /** What stands for no choice. */
  otherwise?: string;
  disabled: boolean;
  onChange(choice: Choice | null): void;
}

/** One choice, with what has to be typed for it. */
export function ChoiceInput(props: ChoiceInputProps) {
  const { label, hideLabel, what, offers, proposed, choice, otherwise = "To decide", disabled, onChange } = props;
  const typed = typedLabel(choice?.do);
  const options = [
    { value: "", label: otherwise },
    ...offers.map((offer) => ({ value: offer, label: offerLabel(offer, what) })),
  ];
  return (
    <div className="grid gap-1">
      <Field label={hideLabel ? <span className="sr-only">{label}</span> : label}>
        <Select
          options={options}
          value={choice?.do ?? ""}
          disabled={disabled}
          onChange={(event) => {
            const offer = offers.find((one) => one === event.target.value);
            onChange(offer === undefined ? null : choiceOf(offer, ""));
          }}
        />
      </Field>
      {typed !== null && choice !== null ? (
        <Field
          label={<span className="sr-only">{`${typed}, ${label}`}</span>}
          hint={choice.do === "write" ? "The plan and its report show it: type nothing secret." : undefined}
        >
          <Input
            mono
            value={typedIn(choice)}
            placeholder={choice.do === "rename" ? (proposed ?? "the proposed value") : typed}
            disabled={disabled}
            onChange={(event) => onChange(choiceOf(choice.do, event.target.value))}
          />
        </Field>
      ) : null}
    </div>
  );
}
