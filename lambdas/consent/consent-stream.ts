const CONSENT_ID = /^[A-Za-z][A-Za-z0-9_-]{15,63}$/;

/** Whether a text can name a consent at all. */
export function isConsentId(text: string): boolean {
  return CONSENT_ID.test(text);
}

export function consentStream(consentId: string): string {
  return `consent/${consentId}`;
}
