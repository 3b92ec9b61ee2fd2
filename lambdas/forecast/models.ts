import { createHash } from 'node:crypto';
import type { DemandModel } from '../../domain/demand/forecast/model.ts';
import { modelOf, numbersOf } from '../../domain/demand/forecast/model-record.ts';
import { type ForecastModelFitted, JoulekeepError } from '../../events/index.ts';
import type { ObjectStore } from '../../platform/ports/platform.ts';

const PREFIX = 'forecast-models/';

/** Puts a model's numbers under their own hash. @returns SHA-256, hex */
export async function putNumbers(objects: Pick<ObjectStore, 'put'>, model: DemandModel): Promise<string> {
  const numbers = Buffer.from(numbersOf(model));
  const hash = createHash('sha256').update(numbers).digest('hex');
  await objects.put(`${PREFIX}${hash}`, numbers);
  return hash;
}

/** @throws ERR_FORECAST_NUMBERS when they are gone or not what was recorded */
export async function recordedModel(objects: Pick<ObjectStore, 'get'>, fitted: ForecastModelFitted): Promise<DemandModel> {
  const numbers = await objects.get(`${PREFIX}${fitted.numbers}`);
  if (numbers === undefined || createHash('sha256').update(numbers).digest('hex') !== fitted.numbers)
    throw new JoulekeepError(
      'ERR_FORECAST_NUMBERS',
      `${fitted.area}: the numbers of model ${fitted.generation} are not there as they were recorded`,
    );
  return modelOf(fitted, numbers);
}
