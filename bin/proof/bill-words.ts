/** What a bill takes from elsewhere than its days, so that no proof of these days shows it. */
export interface BillWord {
  /** A line, a tariff or another bill. */
  readonly about: string;
  /**
   * `brought`: credit of another bill. `settled`: another bill that was rated again. `backdated`: prices that were recorded after the first day they are
   * charged for. `period`: demand at a price for a period that is no calendar month.
   */
  readonly why: 'brought' | 'settled' | 'backdated' | 'period';
}
