import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { grouped } from "./group.js";
import { type Row, rowsOf } from "./table.js";
import { text } from "./text.js";

/** Chooses what the simulator answers: a few examples, and every code of the method. */
export function AnswerPicker(props: {
  method: DescMethodUnary;
  examples: readonly number[];
  answer: Row | undefined;
  onPick: (answer: Row | undefined) => void;
}) {
  const { answer, onPick } = props;
  const id = useId();
  const failing = rowsOf(props.method).filter(({ succeeds }) => !succeeds);
  const examples = failing.filter(({ number }) => props.examples.includes(number));
  const shown = answer === undefined || examples.includes(answer);
  return (
    <fieldset class="picker">
      <legend>
        <span class="badge">{text.simulator}</span> {text.answerLabel}
      </legend>
      <Chip pressed={answer === undefined} onPress={() => onPick(undefined)}>
        {text.answerAsIs}
      </Chip>
      {examples.map((row) => (
        <Chip key={row.number} pressed={answer === row} onPress={() => onPick(row)}>
          {text.examples[row.number] ?? row.meaning} <span class="number">{row.number}</span>
        </Chip>
      ))}
      <label class="hidden" for={id}>
        {text.answerOther}
      </label>
      <select
        id={id}
        class={shown ? "chip" : "chip pressed"}
        value={shown ? "" : answer.number}
        onChange={({ currentTarget: { value } }) =>
          onPick(failing.find(({ number }) => String(number) === value))
        }
      >
        <option value="">{text.answerOther}</option>
        {grouped(failing, "fault").map(({ title, rows }) => (
          <optgroup key={title} label={title}>
            {rows.map(({ number, meaning }) => (
              <option key={number} value={number}>
                {number} {meaning}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </fieldset>
  );
}

function Chip(props: { pressed: boolean; onPress: () => void; children: ComponentChildren }) {
  return (
    <button
      type="button"
      class={props.pressed ? "chip pressed" : "chip"}
      aria-pressed={props.pressed}
      onClick={props.onPress}
    >
      {props.children}
    </button>
  );
}
