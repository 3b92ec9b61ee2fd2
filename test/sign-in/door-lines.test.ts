import { expect, it } from 'vitest';
import { doorLines, keptLine } from '../../bin/service/door-ports.ts';

const DOORS = {
  ...{ customer: { address: 'https://c' }, console: { address: 'https://k' }, identity: { endpoints: { issuer: 'https://i' } } },
  ...{ operator: { url: 'https://o' }, billing: { url: 'https://b' }, 'third-party': { url: 'https://t' } },
};

it('how people are let in is said where the state is kept, and nowhere else: commands need a state that nothing runs on', () => {
  const [, console, identity] = doorLines(DOORS, true);
  expect([console, identity]).toEqual([
    'Console at https://k, for people who sign in, or have a certificate: npm run joulekeep -- certificate issue --help',
    'Portal and console send browsers to https://i to sign in; who may: npm run joulekeep -- sign-in --help',
  ]);
  expect(doorLines(DOORS, false)).toEqual([
    'Portal for customers, and signed prices for everybody, at https://c',
    'Console at https://k, for people who sign in',
    'Portal and console send browsers to https://i to sign in',
    'With certificates: grid operator https://o, billing system https://b, third parties https://t',
  ]);
});

it('a state that was kept says who may sign in to it, and that nobody may only where nobody may', () => {
  expect([keptLine('/s', false), keptLine('/s', true)]).toEqual([
    'All of it is in /s. Nobody may sign in to it until: npm run joulekeep -- sign-in add NAME --role ROLE --state /s',
    'All of it is in /s. Who may sign in: npm run joulekeep -- sign-in list --state /s',
  ]);
});
