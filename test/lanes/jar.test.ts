import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { emptyAgentClass, jar, manifest } from '../../tools/lanes/jar.ts';

/** What a reader of zip files does: from the end to the directory, from there to the files. */
function unpack(bytes: Buffer): Record<string, string> {
  const end = bytes.length - 22;
  expect(bytes.readUInt32LE(end)).toBe(0x06054b50);
  const files: Record<string, string> = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    expect(bytes.readUInt32LE(at)).toBe(0x02014b50);
    const [sum, size, nameLength] = [bytes.readUInt32LE(at + 16), bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28)];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    expect(bytes.readUInt32LE(local)).toBe(0x04034b50);
    const start = local + 30 + bytes.readUInt16LE(local + 26);
    const content = bytes.subarray(start, start + size);
    expect(crc32(content)).toBe(sum);
    files[name] = content.toString();
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return files;
}

describe('A jar', () => {
  it('holds its files as they are', () => {
    const files = { 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n', 'a/b.txt': 'content', empty: '' };
    expect(unpack(jar(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]))))).toEqual(files);
  });

  it('has a manifest of lines up to 72 bytes that read as one', () => {
    for (const length of [1, 50, 58, 59, 60, 61, 128, 129, 130, 5_000]) {
      const value = 'lib/name.jar '.repeat(400).slice(0, length);
      const text = manifest({ 'Class-Path': value }).toString();
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(72);
      expect(text.replaceAll('\n ', '')).toBe(`Manifest-Version: 1.0\nClass-Path: ${value}\n`);
    }
  });

  it('has an agent whose class names itself, its base and premain', () => {
    const bytes = emptyAgentClass('EmptyAgent');
    expect(bytes.readUInt32BE(0)).toBe(0xcafebabe);
    const text = bytes.toString('latin1');
    for (const name of ['EmptyAgent', 'java/lang/Object', 'premain', '(Ljava/lang/String;)V', 'Code']) expect(text).toContain(name);
  });
});
