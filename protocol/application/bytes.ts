const ALPHABET = /^[A-Za-z0-9_-]+$/;

/** Unpadded base64url to bytes. @returns undefined for what is none, or not the one encoding of its bytes */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!ALPHABET.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const spareBits = btoa(binary).replaceAll('=', '') !== text.replaceAll('-', '+').replaceAll('_', '/');
  return spareBits ? undefined : Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** As `integrity` attributes and manifests name a hash: `sha384-` and base64. @source W3C Subresource Integrity */
export async function integrityOf(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-384', Uint8Array.from(bytes)));
  return `sha384-${btoa(String.fromCharCode(...digest))}`;
}
