import { JoulekeepError } from '../../events/errors.ts';
import { lowS } from './low-s.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const SCALAR_BYTES = 32;

/**
 * An ECDSA P-256 signature as key services and OpenSSL write it, in the form in which it is kept and sent.
 * @param der SEQUENCE of INTEGER r and INTEGER s @returns r || s, 64 bytes, low S @throws ERR_SIGNATURE_ENCODING
 */
export function rawSignature(der: Uint8Array): Buffer {
  const bytes = Buffer.from(der);
  if (bytes[0] !== SEQUENCE || bytes[1] !== bytes.length - 2) throw malformed();
  const [r, afterR] = scalarAt(bytes, 2);
  const [s, afterS] = scalarAt(bytes, afterR);
  if (afterS !== bytes.length) throw malformed();
  return lowS(Buffer.concat([r, s]));
}

/** A non-negative INTEGER in its shortest form, as 32 bytes, and where it ends. */
function scalarAt(bytes: Buffer, at: number): [Buffer, number] {
  const length = bytes[at + 1] ?? 0;
  const end = at + 2 + length;
  const value = bytes.subarray(at + 2, end);
  const padded = value[0] === 0 && length > 1;
  if (bytes[at] !== INTEGER || length === 0 || value.length !== length || value[0]! >= 0x80) throw malformed();
  if (padded && value[1]! < 0x80) throw malformed();
  const digits = padded ? value.subarray(1) : value;
  if (digits.length > SCALAR_BYTES) throw malformed();
  return [Buffer.concat([Buffer.alloc(SCALAR_BYTES - digits.length), digits]), end];
}

function malformed(): JoulekeepError {
  return new JoulekeepError('ERR_SIGNATURE_ENCODING', 'not a DER signature over P-256');
}
