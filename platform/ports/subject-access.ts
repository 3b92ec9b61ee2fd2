import type { AccessPurpose } from '../../events/index.ts';

/**
 * The right to open data of some subjects, of one window. It exists only after a DataAccessed that says so is durable:
 * `openSubjectData` asks for it, and nothing that merely looks like it opens anything.
 * @source X.1332 10.3
 */
export interface SubjectAccess {
  readonly principal: string;
  readonly purpose: AccessPurpose;
  /** Window of the data, UTC ms. */
  readonly from: number;
  readonly until: number;
}
