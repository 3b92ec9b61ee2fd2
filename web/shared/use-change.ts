import { useEffect, useRef } from 'preact/hooks';

/** Does something when a value is another than the time before, and nothing when the component appears. */
export function useChange(value: unknown, changed: () => void): void {
  const before = useRef(value);
  useEffect(() => {
    if (before.current !== value) changed();
    before.current = value;
  }, [value]);
}
