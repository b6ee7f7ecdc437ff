/** Kinds of value that several sections of the configuration have. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

export const cidr = z.string().refine((text) => ipaddr.isValidCIDR(text), {
  error: 'expected a network such as 192.0.2.0/24 or 2001:db8::/32',
});

export const port = z.int().min(0).max(65535);

/** A length of time, at most a year. */
export const seconds = (standard: number, description: string) =>
  z.number().positive().max(31_536_000).default(standard).describe(description);

export const count = (standard: number, description: string) =>
  z.int().positive().default(standard).describe(description);
