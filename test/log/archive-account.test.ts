import { App, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { environmentOf } from '../../lib/function-environment.ts';
import { principalGrants } from '../../lib/grants/principal.ts';
import { readStage } from '../../lib/stages.ts';
import { awsEnvironment } from '../../platform/aws/environment.ts';

const ARCHIVE = { account: '210987654321', bucket: 'joulekeep-witness-example' };
const stageOf = (settings: Readonly<Record<string, unknown>>) => readStage((key) => ({ region: 'eu-central-1', ...settings })[key]);
const witnessesOf = (settings: Readonly<Record<string, unknown>>, principal: 'log' | 'archive' | 'operator-cli') => {
  const place = { stack: new Stack(new App(), 'stack'), stage: stageOf(settings), told: (what: string) => what };
  return principalGrants(place, principal).filter(({ sid }) => sid.startsWith('Witness'));
};

describe('C10.1-7: the archive account of a stage', () => {
  it('C10.1-7: gets what the log puts, and nobody else may put there', () => {
    const [objects, list] = witnessesOf({ archive: ARCHIVE }, 'log');
    expect(objects).toMatchObject({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [expect.stringMatching(/s3:::joulekeep-witness-example\/witness\/\*$/)],
    });
    expect(list?.actions).toEqual(['s3:ListBucket']);
    for (const principal of ['archive', 'operator-cli'] as const) expect(witnessesOf({ archive: ARCHIVE }, principal)).toEqual([]);
  });

  it('is told to the function of the log alone, which finds it', () => {
    const stage = stageOf({ archive: ARCHIVE });
    const told = environmentOf(stage, 'log', (what) => what);
    expect(told).toEqual({ JOULEKEEP_WITNESS_BUCKET: ARCHIVE.bucket });
    expect(environmentOf(stage, 'log-collect', (what) => what)).toEqual({});
    const all = { JOULEKEEP_STAGE: 'dev', JOULEKEEP_PRINCIPAL: 'log', JOULEKEEP_BUCKET: 'objects', ...told };
    expect(awsEnvironment('log', all).witnessBucket).toBe(ARCHIVE.bucket);
  });

  it('is the own bucket where the stage names none', () => {
    expect(witnessesOf({}, 'log')[0]?.resources[0]).toMatch(/joulekeep-dev-objects-.*\/witness\/\*$/);
    expect(() => stageOf({ archive: { account: '1', bucket: 'b' } })).toThrow(/archive/);
  });
});
