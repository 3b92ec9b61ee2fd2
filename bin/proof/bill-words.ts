/** What a bill takes from elsewhere than its days, so that no proof of these days shows it. */
export interface BillWord {
  /** A line, a tariff or another bill. */
  readonly about: string;
  /**
   * `brought`: credit of another bill. `settled`: another bill that was rated again. `backdated`: prices that were recorded after the first day they are
   * charged for. `period`: what is charged by the period, for one that is no calendar month: demand, steps of a price, reactive energy, what is set off or filled up.
   */
  readonly why: 'brought' | 'settled' | 'backdated' | 'period';
}
