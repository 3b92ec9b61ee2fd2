/** When a bill is held, for how long, and how far back it may reach. The numbers are those of the usage point's VEE policy. */
export interface BillingPolicy {
  /** A bill whose estimated share is above this is held, parts per thousand. */
  readonly estimatedPerMilleMost: number;
  /** After so many days a held bill goes out on estimates, marked. */
  readonly holdDays: number;
  /** Energy used longer ago than this is not charged any more. */
  readonly backBillingMonths: number;
}
