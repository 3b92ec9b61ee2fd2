import { expect } from 'vitest';
import type { DomainEvent } from '../../events/index.ts';

interface DeciderUnderTest<State, Command, Event> {
  readonly initial: State;
  readonly decide: (command: Command, state: State) => readonly Event[];
  readonly evolve: (state: State, event: DomainEvent) => State;
}

/** Given what is recorded, when something is asked, then this is recorded: no store, no clock. */
export function given<State, Command, Event extends DomainEvent>(
  decider: DeciderUnderTest<State, Command, Event>,
  past: readonly DomainEvent[],
) {
  const state = past.reduce(decider.evolve, decider.initial);
  return {
    state,
    when: (...commands: Command[]) => {
      let current = state;
      const decide = () =>
        commands.flatMap((command) => {
          const events = decider.decide(command, current);
          current = events.reduce<State>(decider.evolve, current);
          return [...events];
        });
      return {
        thenEvents: (...events: Event[]) => expect(decide()).toEqual(events),
        thenTypes: (...types: string[]) => expect(decide().map((event) => event.type)).toEqual(types),
        thenNothing: () => expect(decide()).toEqual([]),
        thenThrows: (code: string) => expect(decide).toThrow(expect.objectContaining({ code })),
        thenState: () => {
          decide();
          return current;
        },
      };
    },
  };
}
