import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeWhole } from '../../bin/exchange/whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulekeep-whole-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a whole file', () => {
  it('holds all that was written, in order, however much', () => {
    const path = join(folder, 'a');
    const line = `${'x'.repeat(999)}\n`;
    writeWhole(path, (write) => {
      for (let i = 0; i < 3_000; i++) write(i % 2 === 0 ? line : Buffer.from(line));
      expect(existsSync(path)).toBe(false);
    });
    expect(readFileSync(path, 'utf8')).toBe(line.repeat(3_000));
  });

  it('does not take the place of a folder, nor of a file, and nothing is made for it', () => {
    const path = mkdtempSync(join(folder, 'folder-'));
    const file = join(folder, 'there');
    writeFileSync(file, 'before');
    const never = () => expect.unreachable();
    for (const taken of [path, file]) expect(() => writeWhole(taken, never)).toThrow(`${taken} is there already: give another --out`);
    expect(readFileSync(file, 'utf8')).toBe('before');
    const nowhere = join(folder, 'none', 'file');
    expect(() => writeWhole(nowhere, never)).toThrow(`${nowhere} can't be written (ENOENT): name a file`);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('is not there when its making fails', () => {
    const path = join(folder, 'b');
    const failing = () =>
      writeWhole(path, (write) => {
        write('half');
        throw new Error('no more');
      });
    expect(failing).toThrow('no more');
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
