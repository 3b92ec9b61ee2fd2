import type { LocalTime } from './calendar.ts';
import { unit } from './random.ts';

const YEAR_DAYS = 365.25;

/** Outdoor temperature, degrees Celsius: coldest in late January and before dawn, a few mild and harsh days in a row. */
export function temperature(seed: number, at: LocalTime): number {
  const season = 10.5 - 7.5 * Math.cos((2 * Math.PI * (at.dayOfYear - 22)) / YEAR_DAYS);
  let spell = 0;
  for (let back = 0; back < 3; back++) spell += (unit(seed, at.day - back, 11) - 0.5) * 4.5;
  return season + spell + 3 * Math.cos((2 * Math.PI * (at.hour - 15)) / 24);
}

/** Share of the clear-sky light that comes through, 0.15 to 1. */
export function clearness(seed: number, at: LocalTime): number {
  const day = 0.2 + 0.8 * unit(seed, at.day, 12);
  return Math.max(0.15, Math.min(1, day + (unit(seed, at.day, Math.floor(at.hour), 13) - 0.5) * 0.3));
}

/** Sine of the sun's height over the horizon, negative at night. @param instant UTC ms @param latitude, longitude degrees */
export function sunHeight(instant: number, latitude: number, longitude: number): number {
  const utcDay = instant / 86_400_000;
  const dayOfYear = utcDay % YEAR_DAYS;
  const declination = -0.4093 * Math.cos((2 * Math.PI * (dayOfYear + 10)) / YEAR_DAYS);
  const hourAngle = 2 * Math.PI * ((utcDay % 1) + longitude / 360 - 0.5);
  const phi = (latitude * Math.PI) / 180;
  return Math.sin(phi) * Math.sin(declination) + Math.cos(phi) * Math.cos(declination) * Math.cos(hourAngle);
}
