import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkProgram, manifestOf, type ProgramFiles, type ProgramManifest, programInput } from '../../devices/home-display/program.ts';
import { compactJws } from '../../protocol/jws.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { newPair } from './price-world.ts';

const root = newPair();
const FILES: ProgramFiles = new Map([
  ['display.ts', Buffer.from('shows')],
  ['price-rules.ts', Buffer.from('judges')],
]);

function manifest(told: ProgramManifest = manifestOf('home-display', 3, FILES), by = root): string {
  const input = programInput(told, root.publicKey);
  return compactJws(input, sign('sha256', input, { key: by.privateKey, dsaEncoding: 'ieee-p1363' }));
}

function start(files: ProgramFiles, told = manifest(), lowest = 1) {
  return checkProgram(told, files, { program: 'home-display', root: root.publicKey, lowest }, defencesUnderTest());
}

describe('a program that is about to start', () => {
  it('starts as it was published', () => {
    expect(start(FILES)).toEqual({ version: 3 });
  });

  it('R9.2-2: does not start with any one byte changed, a file missing, or one more', () => {
    for (const [path, body] of FILES) {
      for (let at = 0; at < body.length; at++) {
        const changed = Buffer.from(body);
        changed[at]! ^= 1;
        expect(start(new Map([...FILES, [path, changed]]))).toEqual({ fault: 'file-changed' });
      }
      expect(start(new Map([...FILES].filter(([other]) => other !== path)))).toEqual({ fault: 'file-missing' });
    }
    expect(start(new Map([...FILES, ['more.ts', Buffer.from('')]]))).toEqual({ fault: 'file-unknown' });
  });

  it('R9.2-2: does not start below the lowest version, as another program, or by another root’s word', () => {
    expect(start(FILES, manifest(), 4)).toEqual({ fault: 'too-old' });
    expect(start(FILES, manifest(manifestOf('meter', 3, FILES)))).toEqual({ fault: 'another-program' });
    expect(start(FILES, manifest(undefined, newPair()))).toEqual({ fault: 'manifest' });
    expect(start(FILES, 'nothing')).toEqual({ fault: 'manifest' });
  });
});
