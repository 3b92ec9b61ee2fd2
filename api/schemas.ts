import type * as z from 'zod';
import { BillingItems, BillingItemsQuery, BillingMonthPath, BillingReplay, BillingTotals, DeliveryStanding } from './billing-feed.ts';
import { NoBody, NoParameters } from './common.ts';
import { Day, DayPath, DayQuery, EditPath } from './days.ts';
import { Decision, Edited, EditRequest, FinalizeRequest, Preview, PreviewRequest, UndoRequest } from './edits.ts';
import { Assignment, ExceptionPage, ExceptionQuery, ExceptionRow, RowPath } from './exceptions.ts';
import { AreaList, AreaPath, FeedKeys, FeedStatus, ItemPage, ItemQuery } from './operator.ts';
import { Problem } from './problems.ts';

/** Every schema a route names, by name. */
export const API_SCHEMAS = {
  ...{ NoParameters, NoBody, Problem },
  ...{ ExceptionQuery, ExceptionPage, ExceptionRow, RowPath, Assignment },
  ...{ Day, DayPath, DayQuery, EditPath },
  ...{ EditRequest, UndoRequest, FinalizeRequest, PreviewRequest, Preview, Decision, Edited },
  ...{ AreaPath, ItemQuery, ItemPage, FeedStatus, AreaList, FeedKeys },
  ...{ BillingItemsQuery, BillingItems, BillingMonthPath, BillingTotals, BillingReplay, DeliveryStanding },
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type SchemaName = keyof typeof API_SCHEMAS;
