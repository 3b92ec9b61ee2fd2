/** A unit of MDFF. Values are integers of 10^-decimals of it: Wh, varh or VAh exactly where it is one of energy. */
export interface NemUnit {
  readonly name: string;
  /** Undefined = no energy: volt, ampere, power, power factor. */
  readonly base: 'Wh' | 'varh' | 'VAh' | undefined;
  readonly decimals: number;
}

const TABLE: readonly (readonly [string, NemUnit['base'], number])[] = [
  ['MWh', 'Wh', 6],
  ['kWh', 'Wh', 3],
  ['Wh', 'Wh', 0],
  ['MVArh', 'varh', 6],
  ['kVArh', 'varh', 3],
  ['VArh', 'varh', 0],
  ['MVAh', 'VAh', 6],
  ['kVAh', 'VAh', 3],
  ['VAh', 'VAh', 0],
  ...['MVAr', 'kVAr', 'VAr', 'MW', 'kW', 'W', 'MVA', 'kVA', 'VA', 'kV', 'V', 'kA', 'A', 'pf'].map(
    (name) => [name, undefined, name.startsWith('M') ? 6 : 3] as const,
  ),
  // Files in use leave it out for voltage channels.
  ['', undefined, 3],
];

const BY_NAME = new Map(TABLE.map(([name, base, decimals]) => [name.toLowerCase(), { name, base, decimals }]));

/** Whatever the case. @source MDFF NEM12 & NEM13, appendix B (units of measure) */
export function nemUnit(text: string): NemUnit | undefined {
  return BY_NAME.get(text.toLowerCase());
}
