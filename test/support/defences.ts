import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';

/** All mechanisms on, but for the one that `npm run trace -- --prove` names in JOULEKEEP_DEFENCE_OFF. */
export function defencesUnderTest(): Defences {
  const off = process.env['JOULEKEEP_DEFENCE_OFF'];
  if (off === undefined || off === '') return ALL_DEFENCES;
  if (!(off in ALL_DEFENCES)) throw new Error(`JOULEKEEP_DEFENCE_OFF=${off}: no such defence`);
  return { ...ALL_DEFENCES, [off]: false };
}
