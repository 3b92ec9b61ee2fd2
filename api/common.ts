import * as z from 'zod';

/** 64 bits, hex. */
export const MeterId = z.string().regex(/^[0-9a-f]{16}$/, 'a meter id has 16 hexadecimal digits');
/** Local date. */
export const LocalDate = z.iso.date();
/** Local date of a meter day, with the number of the part where a tenancy divides it. */
export const DayName = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(\.([2-9]|[1-9]\d))?$/, 'a day is like 2026-01-15, a later part of it like 2026-01-15.2')
  .refine((day) => LocalDate.safeParse(day.slice(0, 10)).success, 'there is no such day');
/** Where a page of a list ended, as it was given to the caller. */
export const Cursor = z.string().regex(/^[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{22}$/);
/** UTC, to the millisecond. */
export const Instant = z.iso.datetime();
/** A person as certificates name them. */
export const PersonName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a person is named by a-z, 0-9 and dashes, at most 63');
/** Free text for people. It is stored and given back as it came. */
export const Note = z.string().max(1_000);

const count = (most: number) =>
  z.coerce
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number)
    .pipe(z.number().int().max(most));
/** A whole number from 1 in a path or a query. */
export const Ordinal = count(65_535);
export const PageSize = count(200);
export const Hours = count(100_000);

export const NoParameters = z.strictObject({});
export const NoBody = z.undefined();

/** Sent with every change: the same key again is the same change. */
export const IdempotencyKey = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);
export const EntityTag = z.string().regex(/^"\d{1,9}-[0-9a-f]{16}"$/);
