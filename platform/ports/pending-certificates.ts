/** Certificates that a device showed, signed by a CA of the utility's, and that the gateway doesn't let in before somebody says whose they are. */
export interface PendingCertificates {
  /** @param fingerprint SHA-256 of the DER, hex @returns DER; undefined when no such certificate waits: it is in force, revoked or gone */
  find(fingerprint: string): Promise<Buffer | undefined>;
}
