import type { SubjectAccess } from './subject-access.ts';

/** Subjects of each access, out of reach of whoever holds it. */
const granted = new WeakMap<SubjectAccess, ReadonlySet<string>>();

/**
 * Makes an access. `lambdas/shared/access/subject-data.ts` alone may import this, and calls it after its DataAccessed is durable;
 * the import rules see to it.
 */
export function grantSubjectAccess(access: SubjectAccess, subjects: Iterable<string>): SubjectAccess {
  const made = Object.freeze({ principal: access.principal, purpose: access.purpose, from: access.from, until: access.until });
  granted.set(made, new Set(subjects));
  return made;
}

/** Subjects that an access covers; undefined for what was not granted. */
export function subjectsOf(access: SubjectAccess): ReadonlySet<string> | undefined {
  return granted.get(access);
}
