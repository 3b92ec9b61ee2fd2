import { useEffect } from 'preact/hooks';

/** Does something every so often while a component is there. @param dependsOn what `tick` reads: with another, it is another */
export function useEvery(everyMs: number, tick: () => void, dependsOn: readonly unknown[]): void {
  useEffect(() => {
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, ...dependsOn]);
}
