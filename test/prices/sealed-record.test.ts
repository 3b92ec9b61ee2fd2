import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileCounter, SealedRecord } from '../../devices/home-display/sealed-record.ts';

let dir: string;
const secret = randomBytes(32);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'display-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const path = () => join(dir, 'record');
const open = (key = secret) =>
  new SealedRecord(path(), { secret: key, counter: new FileCounter(join(dir, 'counter')), random: randomBytes });

describe('what a display keeps', () => {
  it('comes back as it was written, and lies there unreadable', () => {
    expect(open().read()).toEqual({ state: 'blank' });
    open().write(Buffer.from('the key of the device'));
    expect(open().read()).toEqual({ state: 'sound', body: Buffer.from('the key of the device') });
    expect(readFileSync(path()).includes('key of')).toBe(false);
  });

  it('is damaged when any byte of it changed, and under another device’s key', () => {
    open().write(Buffer.from('memory'));
    const file = readFileSync(path());
    for (let at = 0; at < file.length; at++) {
      const changed = Buffer.from(file);
      changed[at]! ^= 1;
      writeFileSync(path(), changed);
      expect(open().read().state).toBe('damaged');
    }
    writeFileSync(path(), file);
    expect(open(randomBytes(32)).read().state).toBe('damaged');
    writeFileSync(path(), file.subarray(0, 20));
    expect(open().read().state).toBe('damaged');
    writeFileSync(path(), file);
    expect(open().read().state).toBe('sound');
  });

  it('is seen to be turned back, or taken away, as long as the counter was not', () => {
    open().write(Buffer.from('old'));
    copyFileSync(path(), join(dir, 'kept'));
    const record = open();
    record.read();
    record.write(Buffer.from('new'));
    copyFileSync(join(dir, 'kept'), path());
    expect(open().read()).toEqual({ state: 'turned-back' });
    rmSync(path());
    expect(open().read()).toEqual({ state: 'turned-back' });
  });

  it('survives a power cut between record and counter', () => {
    open().write(Buffer.from('one'));
    copyFileSync(join(dir, 'counter'), join(dir, 'counter-before'));
    const record = open();
    record.read();
    record.write(Buffer.from('two'));
    copyFileSync(join(dir, 'counter-before'), join(dir, 'counter'));
    expect(open().read()).toEqual({ state: 'sound', body: Buffer.from('two') });
    expect(new FileCounter(join(dir, 'counter')).read()).toBe(2);
    expect(() => new FileCounter(join(dir, 'counter')).raise(1)).toThrow(/fall/);
  });
});
