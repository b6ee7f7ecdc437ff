import type { Route } from '../deliver/route.ts';
import type { CREDENTIAL_KINDS } from './declaration.ts';
import type { Credential, Source, SourceDetails, SourcePolicy } from '../sources/source.ts';

/**
 * What files can say of each item, complete: with every default filled in and every base resolved. What stands in
 * the relay is brought into the same form, so that both can be compared field by field.
 */
export interface DeclaredSource extends SourceDetails {
  description: string;
  owner: string;
  /** Absent: as it is. */
  state?: Source['state'];
  policy: SourcePolicy;
}

export interface DeclaredCredential {
  kind: (typeof CREDENTIAL_KINDS)[number];
  label: string;
  account?: string;
  cramMd5?: boolean;
  networks: string[];
  certificate?: Credential['certificate'];
  oauth?: Credential['oauth'];
  /** Wall time, milliseconds. */
  expiresAt?: number;
}

export interface DeclaredRoute extends Pick<Route, 'tls' | 'connections' | 'messagesPerConnection'> {
  /** `source` is a name here. */
  match: Route['match'];
  target:
    | Extract<Route['target'], { kind: 'sandbox' | 'mx' }>
    | {
        kind: 'smarthost';
        hosts: { host: string; port: number }[];
        implicitTls: boolean;
        username?: string;
        /** PEM. */
        clientCertificate?: string;
      };
}

export interface DeclaredDomain {
  internal: boolean;
}

/** What files ask for. */
export interface Desired {
  sources: Map<string, DeclaredSource>;
  /** By the name of the source; absent: the files do not say. */
  credentials: Map<string, DeclaredCredential[]>;
  routes: Map<string, DeclaredRoute>;
  domains: Map<string, DeclaredDomain>;
}

/** What there is. */
export interface Present {
  sources: Map<string, { id: string; value: DeclaredSource }>;
  credentials: Map<string, { id: string; value: DeclaredCredential }[]>;
  routes: Map<string, DeclaredRoute>;
  domains: Map<string, DeclaredDomain>;
}
