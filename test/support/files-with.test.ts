import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { discard, filesWith, temporaryDirectory } from '../contract/support/state.ts';

const SECRET = Buffer.from('seventeen');

let directory: string;
const at = (name: string) => join(directory, name);
beforeEach(() => {
  directory = temporaryDirectory();
  for (const name of ['a', 'b.part', 'c']) writeFileSync(at(name), name === 'b.part' ? 'holds seventeen' : 'nothing');
});
afterEach(() => discard(directory));

/** Reads files, and does something once, just before one of them is read. */
function meanwhile(name: string, happens: () => void): (path: string) => Buffer {
  let isDue = true;
  return (path) => {
    if (isDue && path === at(name)) {
      isDue = false;
      happens();
    }
    return readFileSync(path);
  };
}

describe('a search for bytes in a folder', () => {
  it('goes on where a file went meanwhile', () => {
    const read = meanwhile('c', () => rmSync(at('c')));
    expect(filesWith(directory, SECRET, read)).toEqual([at('b.part')]);
  });

  it('finds what was renamed meanwhile to where it had looked already', () => {
    const read = meanwhile('b.part', () => renameSync(at('b.part'), at('a')));
    expect(filesWith(directory, SECRET, read)).toEqual([at('a')]);
  });

  it('says so where files never hold still, where one may not be read, and where there is no folder', () => {
    const gone = (path: string) => readFileSync(`${path}-elsewhere`);
    expect(() => filesWith(directory, SECRET, gone)).toThrow('ENOENT');
    const forbidden = () => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    };
    expect(() => filesWith(directory, SECRET, forbidden)).toThrow('EACCES');
    expect(() => filesWith(at('nowhere'), SECRET)).toThrow('ENOENT');
  });
});
