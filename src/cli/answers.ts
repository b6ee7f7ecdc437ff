import type { z } from 'zod';
import type { groupsShape } from '../api/routes/queue.ts';
import type * as shapes from '../api/shapes.ts';

/** What the API answers, as its own shapes say. */
export type Source = z.infer<typeof shapes.sourceShape>;
export type Policy = Source['policy'];
export type Credential = z.infer<typeof shapes.credentialShape>;
export type Issued = z.infer<typeof shapes.issuedShape>;
export type Handover = z.infer<typeof shapes.handoverShape>;
export type CredentialUse = z.infer<typeof shapes.credentialUseShape>;
export type Domain = z.infer<typeof shapes.domainShape>;
export type Key = z.infer<typeof shapes.keyShape>;
export type Route = z.infer<typeof shapes.routeShape>;
export type Delivery = z.infer<typeof shapes.deliveryShape>;
export type QueueGroups = z.infer<typeof groupsShape>;
export type Event = z.infer<typeof shapes.eventShape>;
export type InboxEntry = z.infer<typeof shapes.inboxShape>;
export type Items<T> = { items: T[] };
