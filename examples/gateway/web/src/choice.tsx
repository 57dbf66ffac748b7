import { useId } from "preact/hooks";

/** A row of radio buttons that look like one control. */
export function Choice<Value extends string>(props: {
  legend: string;
  options: readonly (readonly [Value, string])[];
  value: Value;
  onChoose: (value: Value) => void;
  /** Also shows the legend. */
  labelled?: boolean;
}) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class={props.labelled ? undefined : "hidden"}>{props.legend}</legend>
      {props.options.map(([value, label]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            checked={value === props.value}
            onChange={() => props.onChoose(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
