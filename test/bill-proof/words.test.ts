import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkProofFile } from '../../bin/proof/check-file.ts';
import type { BillComputed, DayVerified, MeterDayEvent } from '../../events/index.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { ASSET, namesOf } from '../subjects/given.ts';
import { ratedAnew, record, recordBill, recordFalseBill } from './false-bills.ts';
import { accountOf, ProofWorld, type ProofWorldOptions, TARIFF } from './proof-world.ts';
import { chargedFrom, ratedByHand } from './rated-by-hand.ts';

const HOME = 'home-1';
const POINT = `usagepoint/${HOME}`;
const OWN = accountOf(HOME);
const SINCE = Date.UTC(2026, 9, 23, 23);
const NOON = Date.UTC(2026, 9, 25, 12);
/** What is said where nothing puts in doubt that the days are the customer's. */
const BOUND = /^binding {4}(account and usage point say|the account says) that acc-home-1 lived at home-1 then/;

/** What there is to compare with the bill, and with the log. */
const ALWAYS = [
  /^ {11}energy\/peak/,
  /^ {11}total .* GBP$/,
  /^log {8}\d+ commits among \d+ of the checkpoint of 2026-/,
  /^days {7}[23] from their first commit/,
];

let world: ProofWorld;
afterEach(() => world.close());

/** Something that a bill rests on, and what its reader is told of it. */
interface Case {
  readonly options?: ProofWorldOptions;
  readonly happens: () => Promise<unknown>;
  /** Every line that says so, in order. */
  readonly words: readonly RegExp[];
  readonly among?: RegExp;
  readonly bound: boolean;
}

const nothing = async (): Promise<void> => undefined;
const day = (date: number, told: string, part = '') => new RegExp(`^word {7}meterday/00124b0000000001/2026-10-${date}${part} ${told}`);

/** A bill of the home's own days, without the seals that they have. */
async function billUnsealed(): Promise<void> {
  const unsealed: DayVerified = { seal: 'absent', chain: 'unverified', at: 1 };
  const change = (event: MeterDayEvent): MeterDayEvent => (event.type === 'DayVerified' ? { ...event, data: unsealed } : event);
  await recordFalseBill(world, { source: HOME, account: OWN, usagePoint: HOME, change });
  await recordBill(world, await ratedAnew(world, HOME));
}

async function installElsewhere(): Promise<void> {
  await recordFalseBill(world, { source: 'home-2', account: OWN, usagePoint: HOME });
  world.clock.advance(30 * 86_400_000);
  const data = { meterId: '00124b0000000002', from: SINCE, asset: ASSET, registers: [], at: world.clock.now() };
  await record(world, 'enrol', POINT, [{ type: 'MeterInstalled', data }]);
}

async function leaveUnread(): Promise<void> {
  const stream = 'meterday/00124b0000000001/2026-10-25';
  const frame = { stream, day: '2026-10-25', start: Date.UTC(2026, 9, 24, 23) / 1000, slots: 100, minutes: 15 };
  const unread = [{ ...frame, channels: namesOf(ASSET) }];
  const change = (bill: BillComputed): BillComputed => ({ ...bill, basis: { ...bill.basis!, unread } });
  await recordBill(world, await ratedAnew(world, HOME, change, (one) => one !== stream));
}

async function cutForAnother(): Promise<void> {
  const data = { subject: 'acc-third', from: NOON + 864e5 * 30, at: NOON };
  await record(world, 'enrol', POINT, [{ type: 'TenancyCut', data }]);
}

async function publishLate(): Promise<void> {
  world.clock.advance(40 * 86_400_000);
  const text = JSON.stringify({ ...TARIFF, from: '2026-01-02' }).replace('0.31', '9.10');
  await recordBill(world, await ratedByHand(world, HOME, chargedFrom('2026-01-02'), { text }));
}

const cases: Record<string, Case> = {
  'nothing but what is shown': { happens: nothing, words: [], bound: true },
  'a part of a day': {
    options: { successor: { account: 'acc-successor', from: NOON } },
    ...{ happens: nothing, words: [day(25, 'is a part of a day')], among: /^ {11}1 days are divided/, bound: true },
  },
  'days without a seal': {
    happens: billUnsealed,
    words: [24, 25, 26].map((date) => day(date, 'has no seal of its meter', '.2')),
    ...{ among: /^ {11}3 days have no seal of their meter/, bound: true },
  },
  'days of which the bill has none': {
    happens: async () => await recordBill(world, await ratedAnew(world, HOME, undefined, (stream) => !stream.endsWith('25'))),
    ...{ words: [/^word {7}2026-10-24T23:00.* is charged, and the bill has no day of it$/], bound: true },
  },
  'a day that was not final': {
    ...{ happens: leaveUnread, words: [day(25, 'was not final, and is charged on an estimate')], bound: true },
  },
  'commits that are withheld': {
    ...{ happens: cutForAnother, words: [/^word {7}usagepoint\/home-1 has commits that are not shown, at \d+: they may/], bound: true },
  },
  'what was said otherwise since': {
    happens: () => endTenancy(world.platform.as('enrol'), HOME, NOON),
    words: [
      /^word {7}account\/acc-home-1 was the customer's when the bill/,
      /^word {7}usagepoint\/home-1 was the customer's when the bill/,
    ],
    bound: false,
  },
  'what was said only later': {
    happens: installElsewhere,
    words: [
      ...[24, 25, 26].map((date) => new RegExp(`2026-10-${date}.2 is said to be the customer's only since the bill went out$`)),
      /meter 00124b0000000001, .* is charged, and the bill has no day of it$/,
    ],
    bound: false,
  },
  'prices that were published late': {
    ...{ happens: publishLate, words: [/^word {7}tariff bands version 2 was published after the first day/], bound: true },
  },
};

describe('joulekeep verify --proof', () => {
  it.each(Object.entries(cases))(
    'R9.2-2: names each thing that a bill rests on beside what is shown, and holds where there is none: %s',
    async (_what, one) => {
      world = await ProofWorld.open(one.options);
      await one.happens();
      await world.log();
      const [proof, keys] = [join(world.directory, 'bill.proof'), join(world.directory, 'keys.pem')];
      writeFileSync(proof, await world.prove(HOME));
      writeFileSync(keys, await world.keys());
      const said: string[] = [];
      const outcome = checkProofFile(proof, keys, (line) => void said.push(line));
      expect(said.filter((line) => line.startsWith('word'))).toEqual(one.words.map((word) => expect.stringMatching(word)));
      expect(outcome).toBe(one.words.length === 0 ? 'holds' : 'on-word');
      expect(said.some((line) => BOUND.test(line))).toBe(one.bound);
      if (one.among !== undefined) expect(said).toContainEqual(expect.stringMatching(one.among));
      for (const line of ALWAYS) expect(said).toContainEqual(expect.stringMatching(line));
      expect(said).toContain('lines      every line follows from these days and the tariffs as they were published');
    },
  );
});
