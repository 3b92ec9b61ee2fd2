/** Feed of bills and control totals to the utility's billing system. Its stream is `feed/` and this. */
export const BILLS_FEED = 'billing/bills';

export function feedStream(feed: string): string {
  return `feed/${feed}`;
}
