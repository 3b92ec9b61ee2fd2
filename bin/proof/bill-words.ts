/** What a bill takes from elsewhere than its days, so that no proof of these days shows it. */
export interface BillWord {
  /** A line, a tariff or another bill. */
  readonly about: string;
  /** `brought`: credit of another bill. */
  readonly why: 'brought';
}
