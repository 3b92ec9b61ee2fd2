import type { DomainEvent, ExceptionEvent } from '../../events/index.ts';

/** Gives a row of the exceptions queue to a person, or takes it from whoever has it. Time is UTC ms. */
export interface AssignRow {
  readonly type: 'AssignRow';
  readonly row: string;
  readonly to: string | null;
  readonly by: string;
  readonly at: number;
}

export interface AssignmentState {
  readonly assignee: string | null;
}

/** Decider of stream `exception/<row>`. */
export const assignment = { initial: { assignee: null } as AssignmentState, decide, evolve };

/** `[]` when it is so already. */
function decide({ row, to, by, at }: AssignRow, { assignee }: AssignmentState): readonly ExceptionEvent[] {
  return to === assignee ? [] : [{ type: 'ExceptionAssigned', data: { row, to, by, at } }];
}

function evolve(state: AssignmentState, event: DomainEvent): AssignmentState {
  return event.type === 'ExceptionAssigned' ? { assignee: event.data.to } : state;
}
