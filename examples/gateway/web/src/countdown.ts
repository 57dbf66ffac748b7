import { useEffect, useState } from "preact/hooks";

/** More often than once a second, so that no second is skipped or shown twice as long. */
const tickMs = 250;

/** The whole seconds until a time, counting down to 0. */
export function useSecondsUntil(time: number): number {
  const [seconds, setSeconds] = useState(() => secondsUntil(time));
  useEffect(() => {
    setSeconds(secondsUntil(time));
    const timer = setInterval(() => {
      const left = secondsUntil(time);
      setSeconds(left);
      if (left === 0) {
        clearInterval(timer);
      }
    }, tickMs);
    return () => clearInterval(timer);
  }, [time]);
  return seconds;
}

function secondsUntil(time: number): number {
  return Math.max(Math.ceil((time - Date.now()) / 1000), 0);
}
