/** Facts of stream `tariff/<id>`. */
export type TariffEvent = { readonly type: 'TariffPublished'; readonly data: TariffPublished };

export interface TariffPublished {
  readonly tariff: string;
  /** Dense from 1. */
  readonly version: number;
  /** First local date on which it applies, `yyyy-mm-dd`. */
  readonly from: string;
  /** The tariff file as it was loaded: JSON, validated. */
  readonly document: string;
  /** Series its pricing needs: where in the object store the file lies as it was loaded. */
  readonly series?: readonly { readonly name: string; readonly key: string }[];
  readonly at: number;
}
