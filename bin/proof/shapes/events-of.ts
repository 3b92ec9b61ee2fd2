import * as z from 'zod';

interface AnyEvent {
  readonly type: string;
  readonly data: unknown;
}

/** What a type holds, however it is written: lists and members as if anybody might write them, intersections as one. */
type Plain<T> = T extends Uint8Array
  ? 'bytes'
  : T extends readonly (infer One)[]
    ? Plain<One>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Plain<T[Key]> }
      : T;

/** Mutual assignability would not do: a member that is optional on one side and missing on the other passes it. */
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

type DataOf<Event extends AnyEvent, Type> = Extract<Event, { readonly type: Type }>['data'];

/** Leaves of the shapes those that are their type's, member by member. */
type Fitting<Event extends AnyEvent, Shapes> = {
  readonly [Type in keyof Shapes]: Same<Plain<z.output<Shapes[Type]>>, Plain<DataOf<Event, Type>>> extends true ? Shapes[Type] : never;
};

/** A shape for each type of a kind of event: it does not compile where one is missing, or has another member than its type. */
export function eventsOf<Event extends AnyEvent>() {
  return <Shapes extends { readonly [Type in Event['type']]: z.ZodType }>(shapes: Shapes & Fitting<Event, Shapes>): z.ZodType<Event> => {
    const [first, ...others] = Object.entries<z.ZodType>(shapes).map(([type, data]) => z.strictObject({ type: z.literal(type), data }));
    return z.discriminatedUnion('type', [first!, ...others]) as z.ZodType as z.ZodType<Event>;
  };
}
