/** As `integrity` attributes and manifests name a hash: `sha384-` and base64. @source W3C Subresource Integrity */
export async function integrityOf(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-384', Uint8Array.from(bytes)));
  return `sha384-${btoa(String.fromCharCode(...digest))}`;
}
