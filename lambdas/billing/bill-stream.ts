/** What the name of a bill's stream says: whose it is, of which usage point, and the local date, `yyyy-mm-dd`, on which its period begins. */
export interface NamedBill {
  readonly account: string;
  readonly usagePoint: string;
  readonly from: string;
}

const DATE_LENGTH = 'yyyy-mm-dd'.length;

export function billStream({ account, usagePoint, from }: NamedBill): string {
  return `bill/${account}/${usagePoint}.${from}`;
}

/** @param stream as `billStream` names it */
export function billNamed(stream: string): NamedBill {
  const [, account = '', place = ''] = stream.split('/');
  return { account, usagePoint: place.slice(0, -DATE_LENGTH - 1), from: place.slice(-DATE_LENGTH) };
}
