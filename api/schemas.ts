import type * as z from 'zod';
import { BillProof } from './bill-proof.ts';
import { BillingItems, BillingItemsQuery, BillingMonthPath, BillingReplay, BillingTotals, DeliveryStanding } from './billing-feed.ts';
import { NoBody, NoParameters } from './common.ts';
import {
  AuditPage,
  AuditQuery,
  FeedPath,
  FeedReplay,
  FeedReplayed,
  FeedsView,
  FoundMeters,
  IngestQuery,
  IngestView,
  KeysView,
  MeterPath,
  MeterQuery,
  MeterView,
  Overview,
  VerificationAsked,
  Verified,
  VerifyRequest,
} from './console.ts';
import {
  AccessList,
  AccessQuery,
  BillEstimate,
  BillList,
  BillPath,
  ConsentAnswer,
  ConsentAnswered,
  ConsentRequest,
  Customer,
  CustomerBill,
  Erasure,
  SharingHistory,
  SharingList,
  SharingPath,
  SharingReceipt,
} from './customer-account.ts';
import {
  CustomerPointPath,
  CustomerPoints,
  DemandPeaks,
  DownloadQuery,
  SimilarHomes,
  SimilarQuery,
  Today,
  Usage,
  UsageFile,
  UsageQuery,
} from './customer-usage.ts';
import { Day, DayPath, DayQuery, EditPath } from './days.ts';
import { DevicePath, DeviceView, QuarantinedDevices, QuarantineQuery } from './devices.ts';
import { Decision, Edited, EditRequest, FinalizeRequest, Preview, PreviewRequest, UndoRequest } from './edits.ts';
import { Assignment, ExceptionPage, ExceptionQuery, ExceptionRow, RowPath } from './exceptions.ts';
import { FeedersQuery, FeedersView } from './feeders.ts';
import { BillApproval, BillApproved, HeldBillPath, HeldBills } from './held-bills.ts';
import { AreaForecasts, AreaList, AreaPath, AreaTrend, FeedKeys, FeedStatus, ItemPage, ItemQuery, LogCheckpoint } from './operator.ts';
import {
  AdrEvent,
  AdrEventPath,
  AdrEventQuery,
  AdrEvents,
  AdrPage,
  AdrProgram,
  AdrProgramPath,
  AdrPrograms,
  ChainQuery,
  DemandResponseBundle,
  PriceBundle,
  ProgramPath,
  ZonePath,
} from './prices.ts';
import { Problem } from './problems.ts';
import { SessionEnded, SessionList, SessionPath, SessionRequest, SessionsOf, SessionToken } from './session.ts';
import { PersonSignIns, SignInList, SignInQuery } from './sign-ins.ts';
import {
  Application,
  AuthorizeQuery,
  EspiFeed,
  OAuthAnswer,
  OAuthForm,
  PointPath,
  PullQuery,
  ReadingPath,
  SandboxClient,
  SandboxPath,
  SandboxRequest,
  SubscriptionPath,
  UidPath,
  Webhook,
} from './third-party.ts';

/** Every schema a route names, by name. */
export const API_SCHEMAS = {
  ...{ NoParameters, NoBody, Problem },
  ...{ ExceptionQuery, ExceptionPage, ExceptionRow, RowPath, Assignment },
  ...{ Day, DayPath, DayQuery, EditPath },
  ...{ EditRequest, UndoRequest, FinalizeRequest, PreviewRequest, Preview, Decision, Edited },
  ...{ FeedersQuery, FeedersView },
  ...{ HeldBills, HeldBillPath, BillApproval, BillApproved },
  ...{ QuarantineQuery, QuarantinedDevices, DevicePath, DeviceView },
  ...{ Overview, IngestQuery, IngestView, MeterPath, MeterView, MeterQuery, FoundMeters, FeedsView, FeedPath, FeedReplay, FeedReplayed },
  ...{ KeysView, AuditQuery, AuditPage, VerificationAsked, VerifyRequest, Verified },
  ...{ SubscriptionPath, PointPath, ReadingPath, PullQuery, EspiFeed, Application, Webhook },
  ...{ Customer, BillEstimate, BillList, BillPath, BillProof, CustomerBill, AccessList, AccessQuery },
  ...{ Erasure, SharingList, SharingPath, SharingHistory, SharingReceipt, ConsentRequest, ConsentAnswer, ConsentAnswered },
  ...{ SessionRequest, SessionsOf, SessionToken, SessionPath, SessionList, SessionEnded, SignInList, SignInQuery, PersonSignIns },
  ...{ UidPath, AuthorizeQuery, OAuthForm, OAuthAnswer, SandboxPath, SandboxRequest, SandboxClient },
  ...{ AreaPath, ItemQuery, ItemPage, FeedStatus, AreaList, FeedKeys, AreaForecasts, AreaTrend, LogCheckpoint },
  ...{ BillingItemsQuery, BillingItems, BillingMonthPath, BillingTotals, BillingReplay, DeliveryStanding },
  ...{ ZonePath, ProgramPath, ChainQuery, PriceBundle, DemandResponseBundle },
  ...{ CustomerPointPath, CustomerPoints, Today, UsageQuery, Usage, DemandPeaks, SimilarQuery, SimilarHomes, DownloadQuery, UsageFile },
  ...{ AdrPage, AdrEventQuery, AdrProgramPath, AdrEventPath, AdrProgram, AdrPrograms, AdrEvent, AdrEvents },
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type SchemaName = keyof typeof API_SCHEMAS;
