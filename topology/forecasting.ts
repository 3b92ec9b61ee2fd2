/** Wall clock by which areas are forecast, IANA: days, hours and holidays are those of this zone. One service serves one. */
export const AREA_ZONE = 'Europe/London';
