import { crc32 } from 'node:zlib';

const ZIP_VERSION = 20;
/** 1 January 1980, 0:00, as zip writes dates: the same bytes whenever it is written. */
const ZIP_DATE = 0x0021;

/** A jar with its files stored as they are, in the order given. */
export function jar(files: Readonly<Record<string, Buffer>>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const header = localHeader(name, content);
    directory.push(Buffer.concat([centralPrefix(header), u16(0, 0, 0), u32(0), u32(offset), Buffer.from(name)]));
    bodies.push(header, content);
    offset += header.length + content.length;
  }
  const index = Buffer.concat(directory);
  const end = [u32(0x06054b50), u16(0, 0, directory.length, directory.length), u32(index.length), u32(offset), u16(0)];
  return Buffer.concat([...bodies, index, ...end]);
}

function localHeader(name: string, content: Buffer): Buffer {
  const size = u32(content.length);
  const fields = [u16(ZIP_VERSION, 0, 0, 0, ZIP_DATE), u32(crc32(content)), size, size, u16(Buffer.byteLength(name), 0)];
  return Buffer.concat([u32(0x04034b50), ...fields, Buffer.from(name)]);
}

/** The fixed fields of the local header, once more. */
function centralPrefix(header: Buffer): Buffer {
  return Buffer.concat([u32(0x02014b50), u16(ZIP_VERSION), header.subarray(4, 30)]);
}

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, at) => {
    bytes.writeUInt16LE(value, 2 * at);
  });
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** META-INF/MANIFEST.MF: lines of at most 72 bytes, longer ones continued behind a blank. */
export function manifest(entries: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries({ 'Manifest-Version': '1.0', ...entries }).map(([name, value]) =>
    `${name}: ${value}`.replace(/^.{70}|.{69}(?=.)/g, (part) => `${part}\n `),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Class file (Java 8 on) of a public class whose `premain(String)` does nothing: an agent that changes nothing. */
export function emptyAgentClass(name: string): Buffer {
  const [utf8, classRef] = [1, 7];
  const text = (value: string) => [Buffer.from([utf8]), be16(Buffer.byteLength(value)), Buffer.from(value)];
  const reference = (index: number) => [Buffer.from([classRef]), be16(index)];
  const constants = [
    ...[reference(2), text(name), reference(4), text('java/lang/Object')],
    ...[text('premain'), text('(Ljava/lang/String;)V'), text('Code')],
  ];
  const [publicSuper, publicStatic, returnVoid] = [0x21, 0x09, 0xb1];
  // max stack 0, max locals 1, one instruction, no exception table, no attributes
  const code = Buffer.concat([be16(0, 1), be32(1), Buffer.from([returnVoid]), be16(0, 0)]);
  const method = Buffer.concat([be16(publicStatic, 5, 6, 1, 7), be32(code.length), code]);
  return Buffer.concat([
    ...[be32(0xcafebabe), be16(0, 52), be16(constants.length + 1), ...constants.flat()],
    ...[be16(publicSuper, 1, 3, 0, 0, 1), method, be16(0)],
  ]);
}

function be16(...values: readonly number[]): Buffer {
  return u16(...values).swap16();
}

function be32(value: number): Buffer {
  return u32(value).swap32();
}
