import { describe, expect, it } from 'vitest';
import { file, imported, problemsOf, READ } from './given.ts';

const HEADER = '100,NEM13,200401101030,MDA1,Ret1';
const changed = (what: string, to: string) => READ.replace(what, to);

describe('NEM13', () => {
  it('reads a register over a period; the quantity in Wh, exactly', async () => {
    expect(await imported(file(HEADER, READ, '550,N,,E,', '900'))).toEqual({
      ok: true,
      format: 'NEM13',
      blocks: [],
      setAside: [],
      reads: [
        {
          line: 2,
          usagePoint: 'VABC005890',
          meter: 'METSER123',
          register: '11',
          unit: 'Wh',
          from: '20031005093055',
          until: '20040107100333',
          quantity: 1_312_100,
          quality: { flag: 'E', method: 64, reasonCode: null, reasonText: '' },
        },
      ],
    });
  });

  it('sets aside what is no energy', async () => {
    expect(await imported(file(HEADER, changed('kWh', 'kW'), '900'))).toMatchObject({ ok: true, reads: [], setAside: [{ unit: 'kW' }] });
  });

  it.each([
    ['550 before 250', ['550,N,,E,'], ['2:1 a 550 record without a 250 record']],
    ['a record of NEM12', ['300,20040201'], ['2:1 NEM13 has no record "300"']],
    ['no direction', [changed(',E,0063', ',X,0063')], ['2:37 direction "X"']],
    ['a register in letters', [changed('006342.8', '00six')], ['2:39 previous register read "00six"']],
    ['no instant of the current read', [changed('20040107100333', '')], ['2:76 instant of the current read is missing']],
    ['reads in the wrong order', [changed('20040107100333', '20020107100333')], ['2:76 the current read is before the previous one']],
    ['quality V', [changed('E64', 'V')], ['2:91 quality of the current read "V"']],
    ['no quantity', [changed('1312.1', '')], ['2:97 quantity is missing']],
    ['a quantity finer than 1 Wh', [changed('1312.1', '1312.12345')], ['2:97 quantity "1312.12345" kWh is finer than 1 Wh']],
    ['a negative quantity', [changed('1312.1', '-1')], ['2:97 quantity "-1" is negative']],
    ['too many fields', [`${READ},1`], ['2:147 record 250 has 23 fields, and then "1"']],
    ['a transaction code of two', [READ, '550,NN,,E,'], ['3:5 previous transaction code "NN"']],
    ['what follows a bad 250 is not judged', [changed('kWh', 'l'), '550,N,,E,'], ['2:104 unit of measure "l"']],
  ])('refuses %s', async (_, records, problems) => {
    expect(await problemsOf(file(HEADER, ...records, '900'))).toEqual(problems);
  });
});
