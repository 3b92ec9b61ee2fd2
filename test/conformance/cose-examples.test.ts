import { createSecretKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { decode, type Tag } from 'cbor2';
import { describe, expect, it } from 'vitest';
import { encStructure, openGcm, sealGcm } from '../../protocol/gcm.ts';
import { describeShared } from '../support/shared.ts';

/*
 * The examples of the COSE working group, AES-GCM only. Theirs have other keys, headers and no external data, so they
 * go through the functions under our frame: Enc_structure, sealing and opening.
 */
interface Example {
  title: string;
  fail?: boolean;
  input: { plaintext: string; rng_stream?: string[]; enveloped?: Sealed; encrypted?: Sealed };
  intermediates: { AAD_hex: string; CEK_hex: string };
  output: { cbor: string };
}
interface Sealed {
  unsent?: { IV_hex: string };
}

const hex = (text: string) => Buffer.from(text, 'hex');

describeShared('COSE working group, AES-GCM examples', 'conformance/cose', (folder) => {
  const files = readdirSync(folder).filter((name) => name.startsWith('aes-gcm') && name.endsWith('.json'));

  it('are all here', () => {
    expect(files.length).toBeGreaterThanOrEqual(9);
    expect(files.filter((name) => name.startsWith('aes-gcm-enc')).length).toBeGreaterThanOrEqual(4);
  });

  describe.each(files)('%s', (file) => {
    const example = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Example;
    const context = example.input.encrypted ? 'Encrypt0' : 'Encrypt';
    const [protectedHeader, , payload] = (decode(hex(example.output.cbor)) as Tag).contents as [
      Uint8Array,
      Map<number, Uint8Array>,
      Uint8Array,
    ];
    const key = createSecretKey(hex(example.intermediates.CEK_hex));
    const nonce = hex(example.input.enveloped?.unsent?.IV_hex ?? example.input.rng_stream![0]!);
    const aad = encStructure(context, Buffer.from(protectedHeader), Buffer.alloc(0));
    const sealed = Buffer.from(payload);

    it('our Enc_structure is theirs', () => {
      expect(aad.toString('hex')).toBe(example.intermediates.AAD_hex.toLowerCase());
    });

    it(example.fail ? 'its spoiled tag is refused' : 'opens to their plaintext, and sealing gives their ciphertext and tag', () => {
      const opened = openGcm(key, nonce, aad, sealed.subarray(0, -16), sealed.subarray(-16));
      const ours = sealGcm(key, nonce, aad, Buffer.from(example.input.plaintext));
      expect(opened?.toString()).toBe(example.fail ? undefined : example.input.plaintext);
      expect(ours.equals(sealed)).toBe(!example.fail);
    });
  });
});
