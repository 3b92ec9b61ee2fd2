/** What is wrong with a tariff, for the person who wrote it. */
export interface TariffFault {
  /** Place in the tariff's file, e.g. `charges[0].pricing.tiers[1].upToKWh`. */
  readonly path: string;
  readonly what: string;
  readonly remedy: string;
}
