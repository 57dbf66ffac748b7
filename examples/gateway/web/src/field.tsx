import { useId } from "preact/hooks";
import { text } from "./text.js";

/** A labelled input, with a hint below it and a word on it where it is wrong. */
export function Field(props: {
  label: string;
  hint?: string;
  value: string;
  onInput: (value: string) => void;
  wrong?: boolean;
  readOnly?: boolean;
  inputMode?: "text" | "tel";
  autocomplete?: string;
  name?: string;
}) {
  const id = useId();
  const { wrong = false } = props;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        name={props.name}
        type="text"
        inputMode={props.inputMode ?? "text"}
        autocomplete={props.autocomplete ?? "off"}
        autocapitalize="off"
        spellcheck={false}
        required
        readOnly={props.readOnly ?? false}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        aria-invalid={wrong}
        aria-describedby={`${id}-hint`}
      />
      <p class="small" id={`${id}-hint`}>
        {wrong && <strong class="wrong">{text.wrongField} </strong>}
        {props.hint}
      </p>
    </div>
  );
}
