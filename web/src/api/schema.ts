// Made by `npm run docs` from the OpenAPI document of the API; do not edit.

/** Each path below /api/v1, with what its methods take and answer. */
export interface Paths {
  '/alert-channels': {
    get: {
      answer: {
        items: AlertChannel[];
      };
    };
  };
  '/alert-channels/{name}': {
    get: {
      params: {
        name: string;
      };
      answer: AlertChannel;
    };
    put: {
      params: {
        name: string;
      };
      body: {
        enabled?: boolean;
        minimumSeverity?: "info" | "warning" | "critical";
        settings: {
          kind: "mail";
          to: string[];
        } | {
          kind: "webhook";
          url: string;
          /** What signs; absent: the one it has, or a new one that the answer shows once. */
          secret?: string;
          /** Connects to loopback and private addresses too, and there without TLS if the address says so. */
          allowPrivate?: boolean;
          /** Authorities that are trusted besides the well-known ones, PEM. */
          ca?: string;
        } | {
          kind: "teams";
          url: string;
          /** Connects to loopback and private addresses too, and there without TLS if the address says so. */
          allowPrivate?: boolean;
          /** Authorities that are trusted besides the well-known ones, PEM. */
          ca?: string;
        } | {
          kind: "slack";
          url: string;
          /** Connects to loopback and private addresses too, and there without TLS if the address says so. */
          allowPrivate?: boolean;
          /** Authorities that are trusted besides the well-known ones, PEM. */
          ca?: string;
        } | {
          kind: "syslog";
          host: string;
          port?: number;
          /** RFC 5424 table 1; 2 is mail. */
          facility?: number;
          /** Private enterprise number in the name of the structured data. */
          enterprise?: string;
          clientCertificate?: {
            certificate: string;
            privateKey: string;
          };
          /** Connects to loopback and private addresses too, and there without TLS if the address says so. */
          allowPrivate?: boolean;
          /** Authorities that are trusted besides the well-known ones, PEM. */
          ca?: string;
          /** Sends journal events as they happen, besides alerts. Absent: alerts only. */
          events?: {
            /** Empty: all. */
            types?: ("connection" | "tls-failure" | "authentication" | "authentication-failure" | "refusal" | "acceptance" | "warning" | "attempt" | "bounce" | "delay" | "change" | "alarm" | "system")[];
            /** Identifier of a source; absent: all. */
            source?: string;
            /** Empty: all. */
            codes?: string[];
          };
        } | {
          kind: "otlp";
          /** Base address of the collector; /v1/logs and /v1/metrics are appended. */
          url: string;
          /** Header fields with tokens; absent: those it has. */
          headers?: Record<string, string>;
          logs?: boolean;
          /** Metrics are sent so often; 0: not. */
          metricsSeconds?: number;
          /** Connects to loopback and private addresses too, and there without TLS if the address says so. */
          allowPrivate?: boolean;
          /** Authorities that are trusted besides the well-known ones, PEM. */
          ca?: string;
          /** Sends journal events as they happen, besides alerts. Absent: alerts only. */
          events?: {
            /** Empty: all. */
            types?: ("connection" | "tls-failure" | "authentication" | "authentication-failure" | "refusal" | "acceptance" | "warning" | "attempt" | "bounce" | "delay" | "change" | "alarm" | "system")[];
            /** Identifier of a source; absent: all. */
            source?: string;
            /** Empty: all. */
            codes?: string[];
          };
        };
      };
      answer: {
        name: string;
        enabled: boolean;
        minimumSeverity: "info" | "warning" | "critical";
        kind: "mail" | "webhook" | "teams" | "slack" | "syslog" | "otlp";
        to?: string[];
        /** Where it goes; without what is secret in it. */
        address?: string;
        allowPrivate?: boolean;
        facility?: number;
        enterprise?: string;
        /** Authorities that it trusts besides the well-known ones, PEM. */
        ca?: string;
        /** It shows one. */
        clientCertificate?: boolean;
        /** Names of the header fields. */
        headers?: string[];
        logs?: boolean;
        metricsSeconds?: number;
        /** The journal events that it streams. */
        events?: {
          types: string[];
          codes: string[];
          source?: string;
        };
        /** Why the last message was not taken. */
        trouble?: string;
        /** The new secret that signs; shown this once. */
        secret?: string;
      };
    };
    delete: {
      params: {
        name: string;
      };
      answer: undefined;
    };
  };
  '/alert-channels/{name}/test': {
    post: {
      params: {
        name: string;
      };
      answer: {
        sent: boolean;
        /** Why it was not taken. */
        error?: string;
      };
    };
  };
  '/alert-mutes': {
    get: {
      answer: {
        items: AlertMute[];
      };
    };
    post: {
      body: {
        rule?: string;
        code?: string;
        /** Identifier of a source. */
        source?: string;
        /** Milliseconds since the epoch. */
        until: number;
        reason?: string;
      };
      answer: AlertMute;
    };
  };
  '/alert-mutes/{id}': {
    delete: {
      params: {
        id: string;
      };
      answer: undefined;
    };
  };
  '/alert-rules': {
    get: {
      answer: {
        items: {
          name: string;
          enabled: boolean;
          /** `as-event`: what the event's outcome says. */
          severity: "as-event" | "info" | "warning" | "critical";
          when: {
            kind: "events";
            types: ("connection" | "tls-failure" | "authentication" | "authentication-failure" | "refusal" | "acceptance" | "warning" | "attempt" | "bounce" | "delay" | "change" | "alarm" | "system")[];
            /** Empty: any, also none. */
            codes: string[];
            /** Empty: any, also none. */
            outcomes: string[];
            /** Identifier of a source; absent: any. */
            source?: string;
            /** So many make an alert. */
            count: number;
            /** In this time. Seconds. */
            withinSeconds: number;
          } | {
            kind: "queue-age";
            /** The oldest message that waits is older than this. Seconds. */
            olderThanSeconds: number;
          } | {
            kind: "certificate";
            /** Days before the end of the listeners' certificate. */
            days: number;
          };
          /** What agrees in these is one alert. `source` is the network where no source is known. */
          by: ("code" | "source" | "network" | "destination")[];
          /** The first message waits this long, so that it can count. Seconds. */
          gatherSeconds: number;
          /** Without a further occurrence for so long it is over. Seconds. */
          quietSeconds: number;
          /** Told again after this time while it grows; 0: never. Seconds. */
          repeatSeconds: number;
          /** A last message with the total: when there were more than was told, always, or never. */
          closing: "grown" | "always" | "never";
          /** Names; empty: every channel. */
          channels: string[];
        }[];
      };
    };
  };
  '/alert-rules/{name}': {
    get: {
      params: {
        name: string;
      };
      answer: {
        name: string;
        enabled: boolean;
        /** `as-event`: what the event's outcome says. */
        severity: "as-event" | "info" | "warning" | "critical";
        when: {
          kind: "events";
          types: ("connection" | "tls-failure" | "authentication" | "authentication-failure" | "refusal" | "acceptance" | "warning" | "attempt" | "bounce" | "delay" | "change" | "alarm" | "system")[];
          /** Empty: any, also none. */
          codes: string[];
          /** Empty: any, also none. */
          outcomes: string[];
          /** Identifier of a source; absent: any. */
          source?: string;
          /** So many make an alert. */
          count: number;
          /** In this time. Seconds. */
          withinSeconds: number;
        } | {
          kind: "queue-age";
          /** The oldest message that waits is older than this. Seconds. */
          olderThanSeconds: number;
        } | {
          kind: "certificate";
          /** Days before the end of the listeners' certificate. */
          days: number;
        };
        /** What agrees in these is one alert. `source` is the network where no source is known. */
        by: ("code" | "source" | "network" | "destination")[];
        /** The first message waits this long, so that it can count. Seconds. */
        gatherSeconds: number;
        /** Without a further occurrence for so long it is over. Seconds. */
        quietSeconds: number;
        /** Told again after this time while it grows; 0: never. Seconds. */
        repeatSeconds: number;
        /** A last message with the total: when there were more than was told, always, or never. */
        closing: "grown" | "always" | "never";
        /** Names; empty: every channel. */
        channels: string[];
      };
    };
    put: {
      params: {
        name: string;
      };
      body: {
        enabled?: boolean;
        /** `as-event`: what the event's outcome says. */
        severity?: "as-event" | "info" | "warning" | "critical";
        when: {
          kind: "events";
          types: ("connection" | "tls-failure" | "authentication" | "authentication-failure" | "refusal" | "acceptance" | "warning" | "attempt" | "bounce" | "delay" | "change" | "alarm" | "system")[];
          /** Empty: any, also none. */
          codes?: string[];
          /** Empty: any, also none. */
          outcomes?: string[];
          /** Identifier of a source; absent: any. */
          source?: string;
          /** So many make an alert. */
          count?: number;
          /** In this time. Seconds. */
          withinSeconds?: number;
        } | {
          kind: "queue-age";
          /** The oldest message that waits is older than this. Seconds. */
          olderThanSeconds: number;
        } | {
          kind: "certificate";
          /** Days before the end of the listeners' certificate. */
          days: number;
        };
        /** What agrees in these is one alert. `source` is the network where no source is known. */
        by?: ("code" | "source" | "network" | "destination")[];
        /** The first message waits this long, so that it can count. Seconds. */
        gatherSeconds?: number;
        /** Without a further occurrence for so long it is over. Seconds. */
        quietSeconds?: number;
        /** Told again after this time while it grows; 0: never. Seconds. */
        repeatSeconds?: number;
        /** A last message with the total: when there were more than was told, always, or never. */
        closing?: "grown" | "always" | "never";
        /** Names; empty: every channel. */
        channels?: string[];
      };
      answer: {
        name: string;
        enabled: boolean;
        /** `as-event`: what the event's outcome says. */
        severity: "as-event" | "info" | "warning" | "critical";
        when: {
          kind: "events";
          types: ("connection" | "tls-failure" | "authentication" | "authentication-failure" | "refusal" | "acceptance" | "warning" | "attempt" | "bounce" | "delay" | "change" | "alarm" | "system")[];
          /** Empty: any, also none. */
          codes: string[];
          /** Empty: any, also none. */
          outcomes: string[];
          /** Identifier of a source; absent: any. */
          source?: string;
          /** So many make an alert. */
          count: number;
          /** In this time. Seconds. */
          withinSeconds: number;
        } | {
          kind: "queue-age";
          /** The oldest message that waits is older than this. Seconds. */
          olderThanSeconds: number;
        } | {
          kind: "certificate";
          /** Days before the end of the listeners' certificate. */
          days: number;
        };
        /** What agrees in these is one alert. `source` is the network where no source is known. */
        by: ("code" | "source" | "network" | "destination")[];
        /** The first message waits this long, so that it can count. Seconds. */
        gatherSeconds: number;
        /** Without a further occurrence for so long it is over. Seconds. */
        quietSeconds: number;
        /** Told again after this time while it grows; 0: never. Seconds. */
        repeatSeconds: number;
        /** A last message with the total: when there were more than was told, always, or never. */
        closing: "grown" | "always" | "never";
        /** Names; empty: every channel. */
        channels: string[];
      };
    };
    delete: {
      params: {
        name: string;
      };
      answer: undefined;
    };
  };
  '/alerts': {
    get: {
      query: {
        state?: "open" | "closed";
        rule?: string;
        source?: string;
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: Alert[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/alerts/{id}': {
    get: {
      params: {
        id: string;
      };
      answer: {
        id: string;
        rule: string;
        severity: "info" | "warning" | "critical";
        state: "open" | "closed";
        code?: string;
        source?: string;
        sourceName?: string;
        network?: string;
        destination?: string;
        /** What happened the last time. */
        text: string;
        count: number;
        /** Milliseconds since the epoch. */
        firstAt: number;
        /** Milliseconds since the epoch. */
        lastAt: number;
        /** Milliseconds since the epoch. */
        toldAt?: number;
        /** How many the last message spoke of. */
        toldCount: number;
        muted: boolean;
        /** Milliseconds since the epoch. */
        acknowledgedAt?: number;
        acknowledgedBy?: string;
        /** Milliseconds since the epoch. */
        closedAt?: number;
        messages: AlertMessage[];
      };
    };
  };
  '/alerts/{id}/acknowledge': {
    post: {
      params: {
        id: string;
      };
      answer: Alert;
    };
  };
  '/apply': {
    post: {
      body: {
        declaration: DeclarationInput;
        /** Deletes what the declaration does not name, of the kinds of which it names something. */
        prune?: boolean;
        base: string;
        /** Why; stands in the history. */
        comment?: string;
        /** By the name of a route: what no file holds. Absent: what the route has stays. */
        routeSecrets?: Record<string, {
            password?: string;
            privateKey?: string;
          }>;
      };
      answer: {
        /** Of the history; absent: there was nothing to change. */
        entry?: number;
        changes: number;
        /** New secrets, shown this once. */
        issued: {
          source: string;
          label: string;
          account?: string;
          password?: string;
          apiKey?: string;
        }[];
      };
    };
  };
  '/audit': {
    get: {
      answer: DirectSendAudit;
    };
  };
  '/audit-log': {
    get: {
      query: {
        actor?: string;
        source?: string;
        since?: string;
        until?: string;
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: AuditEntry[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/audit-log/export': {
    get: {
      query: {
        after?: string;
        limit?: string;
      };
      answer: {
        items: {
          entry: string;
          hash: string;
        }[];
        next?: number;
      };
    };
  };
  '/audit-log/verify': {
    get: {
      query: {
        count?: string;
        hash?: string;
      };
      answer: {
        intact: boolean;
        entries: number;
        /** Note it down where the relay can not write. */
        head: {
          count: number;
          hash: string;
        };
        problems: {
          sequence: number;
          problem: string;
          text: string;
        }[];
      };
    };
  };
  '/audit/campaigns': {
    get: {
      query: {
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: DirectSendCampaign[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/audit/collect': {
    get: {
      query: {
        follow?: "true" | "false";
      };
      answer: AuditCollection;
    };
    post: {
      body: {
        /** Only these. */
        parts?: ("domains" | "organisation" | "trace" | "hunting" | "details")[];
        days?: number;
      };
      answer: AuditCollection;
    };
    delete: {
      answer: AuditCollection;
    };
  };
  '/audit/collect/settings': {
    get: {
      answer: AuditCollectSettings;
    };
    put: {
      body: {
        /** The tenant: its identifier, or one of its domains. */
        tenant: string;
        clientId: string;
        /** How far back. */
        days?: number;
        /** Only these; default: all that the tenant gives. */
        parts?: ("domains" | "organisation" | "trace" | "hunting" | "details")[];
        /** Yours, where the application may not ask. */
        domains?: string[];
        /** Details for so many messages a day of each address and sender; `null` for all. */
        details?: number | null;
        /** Of the day, UTC, every day; `null`: by hand. */
        hour?: number | null;
        /** Run the audit after it. */
        run?: boolean;
        /** Client secret; its value, not its identifier. */
        secret?: string;
        /** PEM, as it is registered. */
        certificate?: string;
        /** Its private key, PEM. */
        key?: string;
        passphrase?: string;
      };
      answer: AuditCollectSettings;
    };
    delete: {
      answer: undefined;
    };
  };
  '/audit/decisions': {
    get: {
      query: {
        sender?: string;
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: DirectSendDecision[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/audit/evidence': {
    get: {
      answer: {
        items: {
          name: string;
          size: number;
          /** Milliseconds since the epoch, UTC. */
          at: number;
          /** Parts are still missing. */
          incomplete: boolean;
        }[];
      };
    };
  };
  '/audit/evidence/{file}': {
    delete: {
      params: {
        file: string;
      };
      answer: undefined;
    };
    post: {
      params: {
        file: string;
      };
      query: {
        offset?: string;
        last?: "true" | "false";
      };
      answer: {
        name: string;
        size: number;
        /** Milliseconds since the epoch, UTC. */
        at: number;
        /** Parts are still missing. */
        incomplete: boolean;
      };
    };
  };
  '/audit/export': {
    get: {
      query: {
        format?: "html" | "csv" | "json" | "sources" | "connectors";
        language?: "en" | "fr";
      };
      answer: undefined;
    };
  };
  '/audit/files': {
    get: {
      query: {
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: {
          name: string;
          kind?: string;
          outcome: "read" | "partly" | "refused" | "question" | "other";
          rows: number;
          used: number;
          observations: number;
          aside: Record<string, number>;
          refused: number;
          reasons: Record<string, number>;
          faults: {
            row: number;
            reason: string;
          }[];
          notes: string[];
          question?: {
            columns: string[];
            missing: string[];
            required: boolean;
          };
        }[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/audit/gate': {
    get: {
      answer: {
        gates: DirectSendGate[];
        effects: {
          domain: string;
          refused: number;
          perhaps: number;
          /** More, if its subdomains matched. */
          withSubdomains: number;
          /** Shows the domain in From, and is let in all the same. */
          untouched: number;
        }[];
      };
    };
  };
  '/audit/inventory': {
    get: {
      answer: DirectSendInventory;
    };
  };
  '/audit/run': {
    get: {
      query: {
        follow?: "true" | "false";
      };
      answer: AuditRun;
    };
    post: {
      body: {
        /** Of `[audit] folders`. */
        folders?: string[];
        /** Accepted domains; `*.contoso.com` with its subdomains. Default: as the evidence, an earlier run, or the edge has them. */
        domains?: string[];
        internalRelay?: string[];
        /** Which column is which field, for tables that are not understood: `{field: column}`. */
        mapping?: Record<string, string>;
        dateOrder?: "day-first" | "month-first";
        /** Milliseconds since the epoch. */
        from?: number;
        /** Milliseconds since the epoch. */
        to?: number;
        /** When the rule was switched on, or senders were moved. */
        switchedAt?: number;
        mxElsewhere?: boolean;
        /** Ask reverse DNS for the names of addresses; only where `[audit] reverseDns` allows it. */
        ptr?: boolean;
      };
      answer: AuditRun;
    };
    delete: {
      answer: AuditRun;
    };
  };
  '/audit/script': {
    get: {
      query: {
        days?: string;
      };
      answer: undefined;
    };
  };
  '/audit/senders': {
    get: {
      query: {
        left?: "true" | "false";
        campaign?: string;
        lacks?: "connector" | "envelope" | "address" | "name" | "sent" | "time" | "message";
        sort?: "name" | "-name" | "perDay" | "-perDay" | "first" | "-first" | "last" | "-last";
        directSend?: "proven" | "candidate" | "no";
        class?: "service" | "service-own-path" | "reinjection" | "forwarding" | "mailing-list" | "calendar" | "hybrid" | "internal-relay" | "in-service" | "cloud" | "awareness" | "own-gateway" | "device" | "attack" | "partner-connector" | "unknown";
        wave?: string;
        domain?: string;
        decided?: "true" | "false";
        search?: string;
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: DirectSendSender[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/audit/senders/{sender}': {
    get: {
      params: {
        sender: string;
      };
      answer: ProvenDirectSendSender;
    };
    patch: {
      params: {
        sender: string;
      };
      body: {
        decision?: "approved" | "migrated" | "ignored" | "blocked" | null;
        owner?: string | null;
        wave?: number | null;
        text?: string | null;
      };
      answer: DirectSendSender;
    };
  };
  '/audit/timeline': {
    get: {
      answer: {
        items: {
          /** Days since 1970. */
          day: number;
          proven: number;
          candidates: number;
          abusive: number;
        }[];
      };
    };
  };
  '/audit/what-if': {
    get: {
      query: {
        domain?: string;
        moved?: string;
        waves?: string;
      };
      answer: {
        gates: DirectSendGate[];
        effects: {
          domain: string;
          refused: number;
          perhaps: number;
          /** More, if its subdomains matched. */
          withSubdomains: number;
          /** Shows the domain in From, and is let in all the same. */
          untouched: number;
        }[];
      };
    };
  };
  '/configuration': {
    get: {
      query: {
        language?: "en" | "fr";
      };
      answer: {
        file: {
          /** Absent: this relay reads no file. */
          path?: string;
          /** Without one, all is default; a write makes it. */
          exists: boolean;
          /** Why it can not be written here, and what to do. */
          readOnly?: string;
          /** `<secret 1>` stands for a secret, and may be sent back. Absent where that can not be done. */
          text?: string;
          /** What keeps the relay from starting with it. */
          problems: {
            /** `/etc/postern.toml:12`, or the variable of the environment. */
            place: string;
            /** In the text, from 1. */
            line?: number;
            /** `listener[2].tls` */
            field?: string;
            /** What is wrong, and what is expected. */
            expected: string;
          }[];
        };
        /** All of them, in the order of the schema. */
        settings: {
          /** `limits.connections` */
          field: string;
          /** What the relay runs with. */
          value: unknown;
          from: "default" | "file" | "environment" | "command line";
          variable?: string;
          line?: number;
        }[];
        restart: {
          /** The file has become different from what the relay runs with. */
          needed: boolean;
          changes: {
            field: string;
            /** `<secret>` for one. */
            before: unknown;
            after: unknown;
          }[];
        };
        /** JSON Schema of the file, with descriptions and defaults. */
        schema: Record<string, unknown>;
      };
    };
    put: {
      body: {
        text: string;
        /** Yes, although the API may be reached no more as it is now (`locking` of a check). */
        confirm?: boolean;
      };
      answer: {
        /** Empty: the relay would start with it. */
        problems: {
          /** `/etc/postern.toml:12`, or the variable of the environment. */
          place: string;
          /** In the text, from 1. */
          line?: number;
          /** `listener[2].tls` */
          field?: string;
          /** What is wrong, and what is expected. */
          expected: string;
        }[];
        /** Against what the relay runs with. */
        changes: {
          field: string;
          /** `<secret>` for one. */
          before: unknown;
          after: unknown;
        }[];
        /** Fields that change and by which the API may be reached no more; they need `confirm`. */
        locking: string[];
        /** What the text says and a variable of the environment overrides. */
        overridden: {
          field: string;
          variable: string;
        }[];
        path: string;
        backup?: string;
        restartNeeded: boolean;
      };
    };
  };
  '/configuration/check': {
    post: {
      body: {
        text: string;
      };
      answer: {
        /** Empty: the relay would start with it. */
        problems: {
          /** `/etc/postern.toml:12`, or the variable of the environment. */
          place: string;
          /** In the text, from 1. */
          line?: number;
          /** `listener[2].tls` */
          field?: string;
          /** What is wrong, and what is expected. */
          expected: string;
        }[];
        /** Against what the relay runs with. */
        changes: {
          field: string;
          /** `<secret>` for one. */
          before: unknown;
          after: unknown;
        }[];
        /** Fields that change and by which the API may be reached no more; they need `confirm`. */
        locking: string[];
        /** What the text says and a variable of the environment overrides. */
        overridden: {
          field: string;
          variable: string;
        }[];
      };
    };
  };
  '/containment': {
    get: {
      query: {
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: {
          source: string;
          sourceName: string;
          level: "none" | "alert" | "slow" | "hold" | "suspend";
          /** Since when, milliseconds since the epoch. */
          levelAt: number;
          /** `act` takes the steps, `watch` only tells. */
          mode: "off" | "watch" | "act";
          /** Absent: the mode of the relay. */
          ownMode?: "off" | "watch" | "act";
          /** What is unusual, in plain words. */
          deviations: {
            kind: string;
            points: number;
            text: string;
          }[];
          /** Deliveries that wait for the answer; at most 1000 are counted. */
          held?: number;
        }[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/credentials': {
    get: {
      query: {
        account?: string;
        state?: "active" | "revoked";
        expiresWithinDays?: string;
        unusedDays?: string;
        rotating?: "true" | "false";
        canary?: "true" | "false";
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: {
          id: string;
          source: string;
          label: string;
          state: "active" | "revoked";
          /** What must be shown: password, api-key, certificate, oauth, network. */
          kinds: string[];
          account?: string;
          /** The password is kept in a recoverable form. */
          cramMd5: boolean;
          networks: string[];
          certificate?: {
            fingerprint256?: string;
            subject?: string;
          };
          oauth?: {
            issuer: string;
            clientId: string;
          };
          /** Milliseconds since the epoch. */
          createdAt: number;
          /** Milliseconds since the epoch. */
          expiresAt?: number;
          /** Milliseconds since the epoch. */
          lastUsedAt?: number;
          lastUsedFrom?: string;
          /** A trap: any use is refused like a wrong password, and is an alarm. */
          canary: boolean;
          rotation?: {
            /** Which of both secrets this one is. */
            role: "old" | "new";
            /** Identifier of the other one. */
            other: string;
            /** Milliseconds since the epoch. */
            startedAt: number;
            /** The old one is revoked when it was not used for so long; absent: it has a fixed end. */
            unusedMs?: number;
          };
          sourceName: string;
        }[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/declaration': {
    get: {
      answer: Record<string, unknown>;
    };
  };
  '/default-policy': {
    get: {
      answer: {
        /** What may stand in MAIL FROM together with what in the From header. */
        pairs: {
          envelope: string;
          header: string;
        }[];
        /** MAIL FROM:<> is allowed. */
        nullSender: boolean;
        recipients: {
          allow: "internal" | "listed" | "any";
          patterns: string[];
        };
        /** Octets; 0 means the relay's own limit. */
        maxSize: number;
        maxRecipients: number;
        connections: number;
        limits: {
          unit: "messages" | "bytes";
          per: "minute" | "hour" | "day";
          most: number;
        }[];
        overLimit: "reject" | "defer" | "hold";
        repair: {
          missingHeaders: boolean;
          missingFrom: "" | string;
          longLines: boolean;
          rawHeaders: boolean;
        };
        rewrite: {
          headerFrom: "" | string;
          envelopeFrom: "" | string;
          replyTo: "" | string;
        };
        unaligned: {
          action: "hold";
        } | {
          action: "reject";
        } | {
          action: "sign-with";
          domain: string;
        } | {
          action: "send";
        };
      };
    };
  };
  '/discovery': {
    get: {
      query: {
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: DiscoveredDevice[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/discovery-blocks': {
    get: {
      answer: {
        items: DiscoveryBlock[];
      };
    };
    post: {
      body: {
        network: string;
      };
      answer: DiscoveryBlock;
    };
  };
  '/discovery-blocks/{network}': {
    delete: {
      params: {
        network: string;
      };
      answer: undefined;
    };
  };
  '/discovery/{device}': {
    get: {
      params: {
        device: string;
      };
      answer: DiscoveredDevice;
    };
  };
  '/discovery/{device}/approve': {
    post: {
      params: {
        device: string;
      };
      body: {
        name?: string;
        /** E-mail address of the person who answers for it. */
        owner?: "" | string;
        description?: string;
        /** Fields that are to be otherwise than what was seen. */
        policy?: {
          /** What may stand in MAIL FROM together with what in the From header. */
          pairs?: {
            envelope: string;
            header: string;
          }[];
          /** MAIL FROM:<> is allowed. */
          nullSender?: boolean;
          recipients?: {
            allow: "internal" | "listed" | "any";
            patterns: string[];
          };
          /** Octets; 0 means the relay's own limit. */
          maxSize?: number;
          maxRecipients?: number;
          connections?: number;
          limits?: {
            unit: "messages" | "bytes";
            per: "minute" | "hour" | "day";
            most: number;
          }[];
          overLimit?: "reject" | "defer" | "hold";
          repair?: {
            missingHeaders: boolean;
            missingFrom: "" | string;
            longLines: boolean;
            rawHeaders: boolean;
          };
          rewrite?: {
            headerFrom: "" | string;
            envelopeFrom: "" | string;
            replyTo: "" | string;
          };
          unaligned?: {
            action: "hold";
          } | {
            action: "reject";
          } | {
            action: "sign-with";
            domain: string;
          } | {
            action: "send";
          };
        };
        /** Absent: a password when the device tried AUTH, its network otherwise. */
        credential?: "network" | "password";
        account?: string;
        /** What becomes of its held mail. */
        held?: "release" | "drop";
      };
      answer: {
        source: Source;
        credential?: Credential;
        /** Shown this once. */
        password?: string;
        released: {
          message: string;
          as: string;
        }[];
        refused: {
          message: string;
          code?: string;
          text: string;
        }[];
        dropped: number;
      };
    };
  };
  '/discovery/{device}/dismiss': {
    post: {
      params: {
        device: string;
      };
      body: {
        block?: boolean;
      };
      answer: {
        /** Held messages that were deleted. */
        dropped: number;
      };
    };
  };
  '/discovery/{device}/plan': {
    post: {
      params: {
        device: string;
      };
      body: {
        name?: string;
        /** E-mail address of the person who answers for it. */
        owner?: "" | string;
        description?: string;
        /** Fields that are to be otherwise than what was seen. */
        policy?: {
          /** What may stand in MAIL FROM together with what in the From header. */
          pairs?: {
            envelope: string;
            header: string;
          }[];
          /** MAIL FROM:<> is allowed. */
          nullSender?: boolean;
          recipients?: {
            allow: "internal" | "listed" | "any";
            patterns: string[];
          };
          /** Octets; 0 means the relay's own limit. */
          maxSize?: number;
          maxRecipients?: number;
          connections?: number;
          limits?: {
            unit: "messages" | "bytes";
            per: "minute" | "hour" | "day";
            most: number;
          }[];
          overLimit?: "reject" | "defer" | "hold";
          repair?: {
            missingHeaders: boolean;
            missingFrom: "" | string;
            longLines: boolean;
            rawHeaders: boolean;
          };
          rewrite?: {
            headerFrom: "" | string;
            envelopeFrom: "" | string;
            replyTo: "" | string;
          };
          unaligned?: {
            action: "hold";
          } | {
            action: "reject";
          } | {
            action: "sign-with";
            domain: string;
          } | {
            action: "send";
          };
        };
        /** Absent: a password when the device tried AUTH, its network otherwise. */
        credential?: "network" | "password";
        account?: string;
      };
      answer: ApprovalPlan;
    };
  };
  '/domains': {
    get: {
      answer: {
        items: Domain[];
      };
    };
    post: {
      body: {
        name: string;
        /** Chosen by the relay when it is absent. */
        selector?: string;
        /** Mail to its addresses counts as internal. */
        internal?: boolean;
        /** Makes an Ed25519 key beside the RSA key. */
        ed25519?: boolean;
      };
      answer: Domain;
    };
  };
  '/domains/{domain}': {
    get: {
      params: {
        domain: string;
      };
      answer: Domain;
    };
    delete: {
      params: {
        domain: string;
      };
      answer: undefined;
    };
  };
  '/domains/{domain}/check': {
    post: {
      params: {
        domain: string;
      };
      answer: {
        domain: Domain;
        checks: KeyCheck[];
      };
    };
  };
  '/domains/{domain}/keys': {
    post: {
      params: {
        domain: string;
      };
      body: {
        /** Chosen by the relay when it is absent. */
        selector?: string;
        algorithm?: "rsa-sha256" | "ed25519-sha256";
      };
      answer: SigningKey;
    };
  };
  '/domains/{domain}/keys/{selector}': {
    delete: {
      params: {
        domain: string;
        selector: string;
      };
      answer: Domain;
    };
  };
  '/domains/{domain}/keys/{selector}/activate': {
    post: {
      params: {
        domain: string;
        selector: string;
      };
      body: {
        force?: boolean;
      };
      answer: Domain;
    };
  };
  '/domains/{domain}/records': {
    get: {
      params: {
        domain: string;
      };
      answer: {
        at: number;
        items: DomainRecord[];
      };
    };
  };
  '/edge/connectors': {
    get: {
      answer: {
        items: InboundConnector[];
      };
    };
  };
  '/edge/connectors/{name}': {
    get: {
      params: {
        name: string;
      };
      answer: InboundConnector;
    };
    put: {
      params: {
        name: string;
      };
      body: {
        enabled?: boolean;
        /** Partner: another organization or a service; its mail stays incoming. On-premises: own servers, which may send anywhere. */
        type: "partner" | "on-premises";
        /** Envelope senders that a partner connector is for. */
        senderDomains?: string[];
        senderAddresses?: string[];
        certificateName?: string;
        /** Partner only. Absent: true for a partner. */
        requireTls?: boolean;
        /** Partner only: mail of its sender domains from another address is refused (5.7.51). */
        restrictToAddresses?: boolean;
        /** Partner only: mail of its sender domains without the certificate is refused (5.7.51). */
        restrictToCertificate?: boolean;
      };
      answer: InboundConnector;
    };
    delete: {
      params: {
        name: string;
      };
      answer: undefined;
    };
  };
  '/edge/decide': {
    post: {
      body: {
        /** Of the client. */
        address: string;
        /** Names in the certificate of the client, if it shows one that leads to a trusted authority. */
        certificateNames?: string[];
        /** Absent: with a certificate, yes. */
        tls?: boolean;
        /** Envelope sender; empty, or <>, for the null sender. */
        sender: string;
        recipient: string;
        /** Absent: what the list of recipients says. */
        recipientExists?: boolean;
      };
      answer: EdgeDecision;
    };
  };
  '/edge/domains': {
    get: {
      answer: {
        items: AcceptedDomain[];
      };
    };
  };
  '/edge/domains/{name}': {
    get: {
      params: {
        name: string;
      };
      answer: AcceptedDomain;
    };
    put: {
      params: {
        name: string;
      };
      body: {
        /** Authoritative: who is not known is refused. Internal relay: who is not known is sent on. */
        type?: "authoritative" | "internal-relay";
        /** All subdomains count as this domain. */
        matchSubDomains?: boolean;
      };
      answer: AcceptedDomain;
    };
    delete: {
      params: {
        name: string;
      };
      query: {
        recipients?: "keep" | "remove";
      };
      answer: undefined;
    };
  };
  '/edge/messages': {
    get: {
      query: {
        outcome?: "queued" | "held" | "refused";
        placement?: "deliver" | "junk" | "quarantine";
        directSend?: "true";
        spoof?: "any" | "envelope" | "header" | "sender" | "display-name" | "lookalike";
        spf?: string;
        dmarc?: string;
        attribution?: "originating" | "incoming" | "none";
        connector?: string;
        code?: string;
        network?: string;
        from?: string;
        to?: string;
        since?: string;
        until?: string;
        limit?: string;
        cursor?: string;
        language?: "en" | "fr";
      };
      answer: {
        items: EdgeMessage[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/edge/recipients': {
    get: {
      query: {
        search?: string;
        domain?: string;
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: EdgeRecipient[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/edge/recipients/import': {
    post: {
      query: {
        replace?: "true" | "false";
        dryRun?: "true" | "false";
      };
      body: string | unknown[];
      answer: {
        /** Different addresses of accepted domains. */
        found: number;
        added: number;
        removed: number;
        /** How many are listed then. */
        total: number;
        /** Addresses of other domains, which were left out. */
        foreign: number;
        /** False after a dry run. */
        written: boolean;
        /** The first thousand, which were left out. */
        errors: {
          line: number;
          detail: string;
        }[];
      };
    };
  };
  '/edge/recipients/{address}': {
    get: {
      params: {
        address: string;
      };
      answer: EdgeRecipient;
    };
    put: {
      params: {
        address: string;
      };
      answer: EdgeRecipient;
    };
    delete: {
      params: {
        address: string;
      };
      answer: undefined;
    };
  };
  '/edge/safe-senders': {
    get: {
      answer: {
        items: SafeSender[];
      };
    };
  };
  '/edge/safe-senders/{entry}': {
    put: {
      params: {
        entry: string;
      };
      body: {
        note?: string;
      };
      answer: SafeSender;
    };
    delete: {
      params: {
        entry: string;
      };
      answer: undefined;
    };
  };
  '/edge/settings': {
    get: {
      answer: EdgeSettings;
    };
    patch: {
      body: {
        /** Of the organization, in the journal. */
        name?: string;
        /** Anonymous mail whose envelope sender is an accepted domain is refused (5.7.68). */
        rejectDirectSend?: boolean;
        /** What becomes of mail that fails a DMARC policy of reject: refused (5.7.509), or quarantine. */
        honourDmarcReject?: "reject" | "quarantine";
        /** Mail that shows an own domain in From and does not prove it. */
        ownDomainSpoof?: "off" | "junk" | "quarantine" | "refuse";
        /** Mail whose display name shows an own domain, or whose domain looks like an own one. */
        displayNameSpoof?: "off" | "junk" | "quarantine" | "refuse";
        /** Domains (d= of the ARC seal) whose changes to a message are trusted. */
        trustedSealers?: string[];
      };
      answer: EdgeSettings;
    };
  };
  '/edge/spoofs': {
    get: {
      query: {
        since?: string;
        until?: string;
        network?: string;
        limit?: string;
      };
      answer: {
        items: SpoofGroup[];
        since: number;
        /** False when there were more attempts than were counted. */
        complete: boolean;
      };
    };
  };
  '/edge/status': {
    get: {
      query: {
        language?: "en" | "fr";
      };
      answer: EdgeStatus;
    };
  };
  '/events': {
    get: {
      query: {
        type?: string;
        source?: string;
        session?: string;
        message?: string;
        network?: string;
        code?: string;
        from?: string;
        to?: string;
        outcome?: string;
        since?: string;
        until?: string;
        limit?: string;
        cursor?: string;
        follow?: "true" | "false";
      };
      answer: {
        items: Event[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/exceptions': {
    get: {
      query: {
        state?: "open" | "ended" | "closed" | "all";
        kind?: "tls-1.0" | "tls-1.1" | "rsa-key-exchange" | "3des" | "no-tls" | "cram-md5";
        source?: string;
        unusedDays?: string;
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: Exception[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
    post: {
      body: {
        kind: "tls-1.0" | "tls-1.1" | "rsa-key-exchange" | "3des" | "no-tls" | "cram-md5";
        /** Name or identifier; needed for cram-md5, informative otherwise. */
        source?: string;
        /** CIDR blocks; needed for all but cram-md5. */
        networks?: string[];
        /** Absent: the owner of the source. */
        owner?: string;
        reason: string;
        /** Milliseconds since the epoch; at most 366 days from now. */
        endsAt: number;
      };
      answer: Exception;
    };
  };
  '/exceptions/{id}': {
    get: {
      params: {
        id: string;
      };
      answer: Exception;
    };
    patch: {
      params: {
        id: string;
      };
      body: {
        /** Milliseconds since the epoch; at most 366 days from now. */
        endsAt: number;
        /** Why it is still needed; takes the place of the old reason. */
        reason: string;
        owner?: string;
      };
      answer: Exception;
    };
    delete: {
      params: {
        id: string;
      };
      answer: Exception;
    };
  };
  '/first-message': {
    get: {
      answer: FirstMessage;
    };
  };
  '/history': {
    get: {
      query: {
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: HistorySummary[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/history/{id}': {
    get: {
      params: {
        id: string;
      };
      answer: HistoryEntry;
    };
  };
  '/history/{id}/plan-rollback': {
    post: {
      params: {
        id: string;
      };
      body: {
        /** Also where an item was changed since. */
        force?: boolean;
      };
      answer: {
        /** What the plan was made from; `apply` asks for it. */
        base: string;
        changes: PlannedChange[];
        /** What is there and not in the files; it stays, without `prune`. */
        unnamed: {
          kind: string;
          name: string;
        }[];
        replay?: {
          /** Milliseconds since the epoch. */
          since: number;
          /** How many messages were judged anew. */
          judged: number;
          /** Refusals that do not tell enough of their message. */
          unjudged: number;
          /** There were more messages than are looked at; the newest were. */
          truncated: boolean;
          groups: {
            source: string;
            /** `accept`, `hold`, `refuse S402` */
            before: string;
            after: string;
            count: number;
            first: number;
            last: number;
            reason: string;
            examples: {
              at: number;
              message?: string;
              network?: string;
              from: string;
              to: string[];
            }[];
          }[];
        };
      };
    };
  };
  '/history/{id}/rollback': {
    post: {
      params: {
        id: string;
      };
      body: {
        /** Also where an item was changed since. */
        force?: boolean;
        /** Why; stands in the history. */
        comment?: string;
        /** By the name of a route: what no file holds. Absent: what the route has stays. */
        routeSecrets?: Record<string, {
            password?: string;
            privateKey?: string;
          }>;
      };
      answer: {
        /** Of the history; absent: there was nothing to change. */
        entry?: number;
        changes: number;
        /** New secrets, shown this once. */
        issued: {
          source: string;
          label: string;
          account?: string;
          password?: string;
          apiKey?: string;
        }[];
      };
    };
  };
  '/inbox': {
    get: {
      query: {
        search?: string;
        source?: string;
        limit?: string;
        cursor?: string;
        follow?: "true" | "false";
      };
      answer: {
        items: InboxEntry[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
    delete: {
      answer: {
        /** How many changed. */
        count: number;
      };
    };
  };
  '/inbox/{id}': {
    get: {
      params: {
        id: string;
      };
      answer: {
        entry: InboxEntry;
        signatures: {
          domain: string;
          selector: string;
          result: string;
          reason?: string;
        }[];
      };
    };
  };
  '/inbox/{id}/content': {
    get: {
      params: {
        id: string;
      };
      answer: MessageContent;
    };
  };
  '/inbox/{id}/content/html': {
    get: {
      params: {
        id: string;
      };
      answer: unknown;
    };
  };
  '/inbox/{id}/content/parts/{part}': {
    get: {
      params: {
        id: string;
        part: string;
      };
      answer: unknown;
    };
  };
  '/inbox/{id}/raw': {
    get: {
      params: {
        id: string;
      };
      answer: unknown;
    };
  };
  '/lab': {
    get: {
      answer: {
        folder: string;
        language: "en" | "fr";
        frontDoor: {
          host: string;
          name: string;
          /** For people. */
          port: number;
          /** A PROXY header says where the client is. */
          proxiedPort: number;
        };
        relay: {
          host: string;
          hostname: string;
          port: number;
          account: string;
          from: string;
          /** Where its mail reaches the front door from. */
          address: string;
        };
        dns: {
          address: string;
        };
        messages: number;
      };
    };
  };
  '/lab/actors': {
    get: {
      query: {
        language?: "en" | "fr";
      };
      answer: {
        items: {
          name: string;
          class: "legitimate" | "attack";
          way: "direct-send" | "relay" | "partner-connector" | "internet";
          what: string;
        }[];
      };
    };
  };
  '/lab/actors/{name}/send': {
    post: {
      params: {
        name: string;
      };
      body: {
        /** Of the message. */
        language?: "en" | "fr";
      };
      answer: {
        actor: string;
        class: "legitimate" | "attack";
        way: "direct-send" | "relay" | "partner-connector" | "internet";
        /** The server that the actor talked to has taken the message. */
        accepted: boolean;
        reply: string;
        transcript: {
          by: "client" | "server" | "note";
          text: string;
        }[];
        client: {
          address: string;
          hello: string;
        };
        envelope: {
          from: string;
          to: string[];
        };
        headerFrom: string;
        subject: string;
        messageId: string;
        /** As it was sent. */
        message: string;
        octets: number;
        /** Where it lies in the end; empty when it came nowhere. */
        landed: {
          id: string;
          mailbox: string;
          folder: "Inbox" | "Junk" | "Quarantine";
          /** Milliseconds since the epoch. */
          receivedAt: number;
          networkMessageId: string;
          messageId: string;
          /** Envelope sender; empty: the null sender. */
          from: string;
          headerFrom: string;
          subject: string;
          size: number;
          verdict: {
            directionality: "Incoming" | "Originating";
            /** Anonymous, with an accepted domain in the envelope. */
            directSend: boolean;
            connector?: string;
            spf: string;
            dkim: string;
            dmarc: string;
            action: string;
            compauth: string;
            reason: string;
            scl: number;
            category: string;
            clientAddress: string;
            hello: string;
            /** Points that the documentation of Exchange Online leaves open; see docs/edge.md. */
            open: string[];
          };
        }[];
        /** The header section of the first of them. */
        landedHead: string;
      };
    };
  };
  '/lab/connectors': {
    get: {
      query: {
        tenant?: string;
      };
      answer: {
        items: {
          name: string;
          enabled: boolean;
          type: "partner" | "on-premises";
          senderDomains: string[];
          senderAddresses: string[];
          certificateName?: string;
          requireTls: boolean;
          restrictToAddresses: boolean;
          restrictToCertificate: boolean;
        }[];
      };
    };
  };
  '/lab/connectors/{name}': {
    put: {
      params: {
        name: string;
      };
      query: {
        tenant?: string;
      };
      body: {
        enabled?: boolean;
        type?: "partner" | "on-premises";
        senderDomains?: string[];
        senderAddresses?: string[];
        certificateName?: string;
        requireTls?: boolean;
        restrictToAddresses?: boolean;
        restrictToCertificate?: boolean;
      };
      answer: {
        name: string;
        enabled: boolean;
        type: "partner" | "on-premises";
        senderDomains: string[];
        senderAddresses: string[];
        certificateName?: string;
        requireTls: boolean;
        restrictToAddresses: boolean;
        restrictToCertificate: boolean;
      };
    };
    delete: {
      params: {
        name: string;
      };
      query: {
        tenant?: string;
      };
      answer: undefined;
    };
  };
  '/lab/direct-senders': {
    get: {
      query: {
        since?: string;
      };
      answer: {
        items: {
          address: string;
          /** By reverse DNS. */
          name?: string;
          hello: string;
          messages: number;
          /** Envelope senders. */
          senders: string[];
          dmarc: string[];
        }[];
      };
    };
  };
  '/lab/dns/{name}/{type}': {
    put: {
      params: {
        name: string;
        type: "A" | "AAAA" | "MX" | "TXT" | "PTR";
      };
      body: {
        values: string[];
      };
      answer: {
        values: string[];
      };
    };
    get: {
      params: {
        name: string;
        type: "A" | "AAAA" | "MX" | "TXT" | "PTR";
      };
      answer: {
        values: string[];
      };
    };
  };
  '/lab/domains': {
    get: {
      query: {
        tenant?: string;
      };
      answer: {
        items: {
          name: string;
          type: "authoritative" | "internal-relay";
          matchSubDomains: boolean;
        }[];
      };
    };
  };
  '/lab/domains/{name}': {
    put: {
      params: {
        name: string;
      };
      query: {
        tenant?: string;
      };
      body: {
        type?: "authoritative" | "internal-relay";
        matchSubDomains?: boolean;
      };
      answer: {
        items: {
          name: string;
          type: "authoritative" | "internal-relay";
          matchSubDomains: boolean;
        }[];
      };
    };
  };
  '/lab/historical-search': {
    get: {
      query: {
        reportTitle?: string;
        reportType: "MessageTrace" | "MessageTraceDetail" | "ConnectorReport";
        connectorType?: "OnPremises" | "Partner" | "NoConnector";
        direction?: "All" | "Received" | "Sent";
        senderAddress?: string;
        recipientAddress?: string;
        start?: string;
        end?: string;
      };
      answer: unknown;
    };
  };
  '/lab/mailboxes': {
    get: {
      answer: {
        items: {
          address: string;
          name: string;
          kind: "user" | "shared";
          tenant: string;
          inbox: number;
          junk: number;
          quarantine: number;
        }[];
      };
    };
  };
  '/lab/messages': {
    get: {
      query: {
        mailbox?: string;
        folder?: "Inbox" | "Junk" | "Quarantine";
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: {
          id: string;
          mailbox: string;
          folder: "Inbox" | "Junk" | "Quarantine";
          /** Milliseconds since the epoch. */
          receivedAt: number;
          networkMessageId: string;
          messageId: string;
          /** Envelope sender; empty: the null sender. */
          from: string;
          headerFrom: string;
          subject: string;
          size: number;
          verdict: {
            directionality: "Incoming" | "Originating";
            /** Anonymous, with an accepted domain in the envelope. */
            directSend: boolean;
            connector?: string;
            spf: string;
            dkim: string;
            dmarc: string;
            action: string;
            compauth: string;
            reason: string;
            scl: number;
            category: string;
            clientAddress: string;
            hello: string;
            /** Points that the documentation of Exchange Online leaves open; see docs/edge.md. */
            open: string[];
          };
        }[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/lab/messages/{id}': {
    get: {
      params: {
        id: string;
      };
      answer: {
        entry: {
          id: string;
          mailbox: string;
          folder: "Inbox" | "Junk" | "Quarantine";
          /** Milliseconds since the epoch. */
          receivedAt: number;
          networkMessageId: string;
          messageId: string;
          /** Envelope sender; empty: the null sender. */
          from: string;
          headerFrom: string;
          subject: string;
          size: number;
          verdict: {
            directionality: "Incoming" | "Originating";
            /** Anonymous, with an accepted domain in the envelope. */
            directSend: boolean;
            connector?: string;
            spf: string;
            dkim: string;
            dmarc: string;
            action: string;
            compauth: string;
            reason: string;
            scl: number;
            category: string;
            clientAddress: string;
            hello: string;
            /** Points that the documentation of Exchange Online leaves open; see docs/edge.md. */
            open: string[];
          };
        };
      };
    };
  };
  '/lab/messages/{id}/content': {
    get: {
      params: {
        id: string;
      };
      answer: MessageContent;
    };
  };
  '/lab/messages/{id}/content/html': {
    get: {
      params: {
        id: string;
      };
      answer: unknown;
    };
  };
  '/lab/messages/{id}/content/parts/{part}': {
    get: {
      params: {
        id: string;
        part: string;
      };
      answer: unknown;
    };
  };
  '/lab/messages/{id}/raw': {
    get: {
      params: {
        id: string;
      };
      answer: unknown;
    };
  };
  '/lab/reset': {
    post: {
      answer: {
        folder: string;
        language: "en" | "fr";
        frontDoor: {
          host: string;
          name: string;
          /** For people. */
          port: number;
          /** A PROXY header says where the client is. */
          proxiedPort: number;
        };
        relay: {
          host: string;
          hostname: string;
          port: number;
          account: string;
          from: string;
          /** Where its mail reaches the front door from. */
          address: string;
        };
        dns: {
          address: string;
        };
        messages: number;
      };
    };
  };
  '/lab/settings': {
    get: {
      query: {
        tenant?: string;
      };
      answer: {
        items: {
          name: string;
          value: boolean | string | string[];
          description: string;
        }[];
      };
    };
    patch: {
      query: {
        tenant?: string;
      };
      body: Record<string, boolean | string | string[]>;
      answer: {
        items: {
          name: string;
          value: boolean | string | string[];
          description: string;
        }[];
      };
    };
  };
  '/lab/tenants': {
    get: {
      answer: {
        items: {
          id: string;
          name: string;
          domains: {
            name: string;
            type: "authoritative" | "internal-relay";
            matchSubDomains: boolean;
          }[];
          connectors: {
            name: string;
            enabled: boolean;
            type: "partner" | "on-premises";
            senderDomains: string[];
            senderAddresses: string[];
            certificateName?: string;
            requireTls: boolean;
            restrictToAddresses: boolean;
            restrictToCertificate: boolean;
          }[];
        }[];
      };
    };
  };
  '/lab/tour': {
    get: {
      query: {
        language?: "en" | "fr";
      };
      answer: {
        title: string;
        welcome: string;
        /** Settings that the tour changes, and that are put back after it. */
        settings: string[];
        /** The connector that it switches. */
        connector: string;
        steps: {
          name: string;
          title: string;
          /** What will happen. */
          before: string;
          why: string;
          remember: string[];
          /** How the tenant has to be set when the step begins. */
          settings: Record<string, boolean | string>;
          parts: ({
            kind: "note";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
            text: string;
            /** Only where what was sent before it was taken. */
            ifTaken?: boolean;
          } | {
            kind: "facts";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
          } | {
            kind: "senders";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
          } | {
            kind: "outlook";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
          } | {
            kind: "link";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
            /** Where the QR code leads. */
            address: string;
          } | {
            kind: "record";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
            /** Of a TXT record of the DNS of the lab. */
            name: string;
          } | {
            kind: "set";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
            setting: string;
            value: boolean | string;
            command?: string;
          } | {
            kind: "switch";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
            connector: string;
            enabled: boolean;
          } | {
            kind: "send";
            /** Left out where the tenant has no connector of this name. */
            ifConnector?: string;
            actor: string;
            /** What the step tells. */
            taken: boolean;
            /** What the front door wrote into it is worth a look. */
            fields?: boolean;
            heading?: string;
          })[];
        }[];
        /** What to do at home, in this order. */
        order: string[];
      };
    };
  };
  '/lab/trace': {
    get: {
      query: {
        sender?: string;
        recipient?: string;
        status?: "Delivered" | "Failed" | "FilteredAsSpam" | "Quarantined" | "Pending";
        messageId?: string;
        messageTraceId?: string;
        fromIp?: string;
        subject?: string;
        start?: string;
        end?: string;
        resultSize?: string;
      };
      answer: {
        items: {
          Organization: string;
          MessageTraceId: string;
          MessageId: string;
          Received: string;
          SenderAddress: string;
          RecipientAddress: string;
          Subject: string;
          Status: "Delivered" | "Failed" | "FilteredAsSpam" | "Quarantined" | "Pending";
          FromIP: string;
          ToIP: string;
          Size: number;
          Index: number;
        }[];
      };
    };
  };
  '/lab/trace/{messageTraceId}/{recipient}': {
    get: {
      params: {
        messageTraceId: string;
        recipient: string;
      };
      answer: {
        items: {
          MessageTraceId: string;
          MessageId: string;
          Date: string;
          Event: "Receive" | "Spam" | "Deliver" | "Fail";
          Action: string;
          Detail: string;
          Data: string;
        }[];
      };
    };
  };
  '/me': {
    get: {
      answer: Person;
    };
  };
  '/me/passkeys': {
    get: {
      answer: {
        items: Passkey[];
      };
    };
    post: {
      body: {
        name: string;
        /** What the browser has answered. */
        response: {
          id: string;
          [more: string]: unknown;
        };
      };
      answer: Passkey;
    };
  };
  '/me/passkeys/challenge': {
    post: {
      answer: {
        challenge: string;
        [more: string]: unknown;
      };
    };
  };
  '/me/passkeys/{passkey}': {
    delete: {
      params: {
        passkey: string;
      };
      answer: undefined;
    };
  };
  '/me/password': {
    put: {
      body: {
        password: string;
      };
      answer: undefined;
    };
  };
  '/me/recovery-codes': {
    post: {
      answer: {
        /** Shown this once. */
        recoveryCodes: string[];
      };
    };
  };
  '/me/sessions': {
    get: {
      answer: {
        items: Session[];
      };
    };
    delete: {
      answer: {
        /** How many changed. */
        count: number;
      };
    };
  };
  '/me/totp': {
    post: {
      answer: {
        /** For typing. */
        secret: string;
        /** For a QR code. */
        uri: string;
      };
    };
    delete: {
      answer: undefined;
    };
  };
  '/me/totp/confirm': {
    post: {
      body: {
        code: string;
      };
      answer: {
        /** Shown this once. */
        recoveryCodes: string[];
      };
    };
  };
  '/messages': {
    get: {
      query: {
        q?: string;
        from?: string;
        to?: string;
        subject?: string;
        message?: string;
        source?: string;
        network?: string;
        code?: string;
        state?: string;
        direction?: string;
        since?: string;
        until?: string;
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: Message[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
        /** Time was up before the page was full: everything down to here was looked at; `next` goes on. */
        reached?: number;
        /** With the first page, where counting is cheap. */
        total?: {
          count: number;
          /** There are more than were counted. */
          more: boolean;
        };
      };
    };
  };
  '/messages/{message}': {
    get: {
      params: {
        message: string;
      };
      answer: {
        message: Message;
        /** What became of it, in one sentence. */
        summary: string;
        /** Of its session and of itself, oldest first: how it came in always, then the newest. */
        events: Event[];
        omitted?: OmittedEvents;
        /** What still waits. */
        deliveries: Delivery[];
        /** What was said in its session is kept: GET /transcripts/SESSION. */
        transcript: boolean;
        /** Where the message itself still is. */
        content: {
          spool: boolean;
          /** Its number in the sandbox inbox. */
          inbox?: number;
        };
      };
    };
  };
  '/messages/{message}/content': {
    get: {
      params: {
        message: string;
      };
      answer: MessageContent;
    };
  };
  '/messages/{message}/content/html': {
    get: {
      params: {
        message: string;
      };
      answer: unknown;
    };
  };
  '/messages/{message}/content/parts/{part}': {
    get: {
      params: {
        message: string;
        part: string;
      };
      answer: unknown;
    };
  };
  '/messages/{message}/events': {
    get: {
      params: {
        message: string;
      };
      query: {
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: Event[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/messages/{message}/raw': {
    get: {
      params: {
        message: string;
      };
      answer: unknown;
    };
  };
  '/messages/{message}/reroute': {
    post: {
      params: {
        message: string;
      };
      body: {
        /** Name of a route, or `sandbox`; null: by the rules again. */
        route: string | null;
      };
      answer: {
        /** How many changed. */
        count: number;
      };
    };
  };
  '/messages/{message}/why': {
    get: {
      params: {
        message: string;
      };
      answer: {
        summary: string;
        steps: {
          at: number;
          text: string;
        }[];
        events: Event[];
        omitted?: OmittedEvents;
        deliveries: Delivery[];
      };
    };
  };
  '/overview': {
    get: {
      query: {
        window?: "1h" | "24h" | "7d" | "30d";
        follow?: "true" | "false";
      };
      answer: Overview;
    };
  };
  '/owner-digest': {
    get: {
      answer: {
        enabled: boolean;
        every: "week" | "day";
        /** 1 is Monday; for weekly digests. */
        weekday: number;
        /** Hour of the day, UTC. */
        hour: number;
        language: "en" | "fr";
        /** Owners who read another language. */
        otherLanguages: {
          /** An address, or a domain. */
          match: string;
          language: "en" | "fr";
        }[];
      };
    };
    put: {
      body: {
        enabled?: boolean;
        every?: "week" | "day";
        /** 1 is Monday; for weekly digests. */
        weekday?: number;
        /** Hour of the day, UTC. */
        hour?: number;
        language?: "en" | "fr";
        /** Owners who read another language. */
        otherLanguages?: {
          /** An address, or a domain. */
          match: string;
          language: "en" | "fr";
        }[];
      };
      answer: {
        enabled: boolean;
        every: "week" | "day";
        /** 1 is Monday; for weekly digests. */
        weekday: number;
        /** Hour of the day, UTC. */
        hour: number;
        language: "en" | "fr";
        /** Owners who read another language. */
        otherLanguages: {
          /** An address, or a domain. */
          match: string;
          language: "en" | "fr";
        }[];
      };
    };
  };
  '/owner-digest/preview': {
    get: {
      query: {
        owner: string;
      };
      answer: {
        subject: string;
        text: string;
      };
    };
  };
  '/password-presets': {
    get: {
      answer: {
        /** Weaker ones are made for credentials with networks only. */
        leastBits: number;
        items: {
          name: string;
          description: string;
          length: number;
          alphabet: string;
          characters: string;
          accountLength?: number;
          bits: number;
          needsNetwork: boolean;
        }[];
      };
    };
  };
  '/people': {
    get: {
      query: {
        search?: string;
        role?: "owner" | "operator" | "auditor" | "source-owner";
      };
      answer: {
        items: Person[];
      };
    };
    post: {
      body: {
        email: string;
        name: string;
        role: "owner" | "operator" | "auditor" | "source-owner";
        /** Names or identifiers of sources that a source owner looks after, besides those that have their address as owner. */
        sources?: string[];
      };
      answer: {
        person: Person;
        /** Shown this once; POST /session/invitation takes it. */
        invitation: string;
        /** Milliseconds since the epoch. */
        expiresAt: number;
      };
    };
  };
  '/people/{person}': {
    get: {
      params: {
        person: string;
      };
      answer: Person;
    };
    patch: {
      params: {
        person: string;
      };
      body: {
        email?: string;
        name?: string;
        role?: "owner" | "operator" | "auditor" | "source-owner";
        sources?: string[];
        state?: "active" | "disabled";
      };
      answer: Person;
    };
    delete: {
      params: {
        person: string;
      };
      answer: undefined;
    };
  };
  '/people/{person}/invitation': {
    post: {
      params: {
        person: string;
      };
      body: {
        reset?: boolean;
      };
      answer: {
        /** Shown this once; POST /session/invitation takes it. */
        invitation: string;
        /** Milliseconds since the epoch. */
        expiresAt: number;
      };
    };
  };
  '/people/{person}/sign-out': {
    post: {
      params: {
        person: string;
      };
      answer: {
        /** How many changed. */
        count: number;
      };
    };
  };
  '/plan': {
    post: {
      body: {
        declaration: DeclarationInput;
        /** Deletes what the declaration does not name, of the kinds of which it names something. */
        prune?: boolean;
        /** Judges the messages of so many days anew; 0: none. */
        days?: number;
      };
      answer: {
        /** What the plan was made from; `apply` asks for it. */
        base: string;
        changes: PlannedChange[];
        /** What is there and not in the files; it stays, without `prune`. */
        unnamed: {
          kind: string;
          name: string;
        }[];
        replay?: {
          /** Milliseconds since the epoch. */
          since: number;
          /** How many messages were judged anew. */
          judged: number;
          /** Refusals that do not tell enough of their message. */
          unjudged: number;
          /** There were more messages than are looked at; the newest were. */
          truncated: boolean;
          groups: {
            source: string;
            /** `accept`, `hold`, `refuse S402` */
            before: string;
            after: string;
            count: number;
            first: number;
            last: number;
            reason: string;
            examples: {
              at: number;
              message?: string;
              network?: string;
              from: string;
              to: string[];
            }[];
          }[];
        };
      };
    };
  };
  '/policy-tests': {
    post: {
      body: {
        tests: PolicyTestsInput;
        declaration?: DeclarationInput;
        prune?: boolean;
      };
      answer: {
        passed: number;
        failed: number;
        results: {
          name: string;
          passed: boolean;
          expected: string;
          happened: string;
          reason: string;
        }[];
      };
    };
  };
  '/queue': {
    get: {
      query: {
        message?: string;
        source?: string;
        domain?: string;
        from?: string;
        state?: "queued" | "held";
        hold?: "operator" | "limit" | "source" | "alignment" | "containment" | "approval" | "quarantine";
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: Delivery[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/queue-groups': {
    get: {
      query: {
        domain?: string;
        route?: string;
      };
      answer: {
        /** Of when this is: where very much waits, some seconds old. */
        at: number;
        /** Of what is queued and asked for. */
        total: {
          deliveries: number;
          groups: number;
        };
        /** At most 1000, the most first. */
        groups: WaitingGroup[];
        /** Destinations that take nothing now, with what waits for them. */
        unreachable: {
          /** When it failed first. */
          since: number;
          /** When it is tried again. */
          until: number;
          /** In a row. */
          failures: number;
          reply: string;
          route: string;
          deliveries: number;
          domains: string[];
        }[];
        held: HeldGroup[];
        /** Deliveries beyond what can be kept apart. */
        leftOut: number;
      };
    };
  };
  '/queue/delete': {
    post: {
      body: {
        message?: string;
        /** Name or identifier. */
        source?: string;
        /** Domain of the recipients. */
        domain?: string;
        /** Envelope sender. */
        from?: string;
        state?: "queued" | "held";
        hold?: "operator" | "limit" | "source" | "alignment" | "containment" | "approval" | "quarantine";
        /** Needed when no condition is given. */
        all?: boolean;
      };
      answer: {
        /** How many changed. */
        count: number;
      };
    };
  };
  '/queue/hold': {
    post: {
      body: {
        message?: string;
        /** Name or identifier. */
        source?: string;
        /** Domain of the recipients. */
        domain?: string;
        /** Envelope sender. */
        from?: string;
        state?: "queued" | "held";
        hold?: "operator" | "limit" | "source" | "alignment" | "containment" | "approval" | "quarantine";
        /** Needed when no condition is given. */
        all?: boolean;
      };
      answer: {
        /** How many changed. */
        count: number;
      };
    };
  };
  '/queue/release': {
    post: {
      body: {
        message?: string;
        /** Name or identifier. */
        source?: string;
        /** Domain of the recipients. */
        domain?: string;
        /** Envelope sender. */
        from?: string;
        state?: "queued" | "held";
        hold?: "operator" | "limit" | "source" | "alignment" | "containment" | "approval" | "quarantine";
        /** Needed when no condition is given. */
        all?: boolean;
      };
      answer: {
        /** How many changed. */
        count: number;
      };
    };
  };
  '/queue/retry': {
    post: {
      body: {
        message?: string;
        /** Name or identifier. */
        source?: string;
        /** Domain of the recipients. */
        domain?: string;
        /** Envelope sender. */
        from?: string;
        state?: "queued" | "held";
        hold?: "operator" | "limit" | "source" | "alignment" | "containment" | "approval" | "quarantine";
        /** Needed when no condition is given. */
        all?: boolean;
      };
      answer: {
        /** How many changed. */
        count: number;
      };
    };
  };
  '/queue/{message}': {
    get: {
      params: {
        message: string;
      };
      answer: {
        deliveries: Delivery[];
        /** The header section; the body is not shown. */
        head: string;
        bodySize: number;
      };
    };
  };
  '/recertifications': {
    get: {
      answer: {
        items: Recertification[];
      };
    };
    post: {
      body: {
        title: string;
        filter: {
          /** Part of name, description, owner, contact, site, tag, notes, or of an address pattern. */
          search?: string;
          state?: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
          owner?: string;
          tag?: string;
          site?: string;
          /** An address or block that a credential of the source names exactly. */
          network?: string;
          /** No credential of the source was used since then, and it is older than that. */
          unusedSince?: string;
          /** Whether it is about to be retired. */
          brownOut?: "true" | "false";
          /** It has an active credential of this kind. */
          credential?: "password" | "api-key" | "certificate" | "oauth" | "network";
          /** One of its credentials ends within so many days, or has ended. */
          expiresWithinDays?: string;
          /** Whether it was noticed to do what it does not usually do. */
          contained?: "true" | "false";
        };
        /** Time that owners have to answer. */
        days?: number;
        /** What happens to sources that nobody keeps. */
        plan?: {
          /** Share of the attempts that are answered 4xx, 0 to 1. */
          share?: number;
          /** Hours of the day (UTC) in which every attempt is answered 4xx. */
          hours?: number[];
          /** Length of the brown-out; 0: retired at once. Without it, as `lifecycle` of the configuration says. */
          days?: number;
        };
        dryRun?: boolean;
      };
      answer: {
        sources: number;
        owners: number;
        withoutOwner: number;
      };
    };
  };
  '/recertifications/{id}': {
    get: {
      params: {
        id: string;
      };
      answer: Recertification;
    };
    delete: {
      params: {
        id: string;
      };
      answer: Recertification;
    };
  };
  '/recertifications/{id}/answers': {
    get: {
      params: {
        id: string;
      };
      query: {
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: {
          source: string;
          sourceName: string;
          owner: string;
          state: string;
          brownOut: boolean;
          answer: "waiting" | "keep" | "not-mine" | "retire";
          /** Milliseconds since the epoch. */
          answeredAt?: number;
          answeredBy?: string;
          comment: string;
        }[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
  };
  '/refusal-groups': {
    get: {
      query: {
        since?: string;
        until?: string;
        source?: string;
        network?: string;
        code?: string;
        sort?: "last" | "count";
        limit?: string;
        cursor?: string;
        language?: "en" | "fr";
      };
      answer: {
        items: RefusalGroup[];
        next?: string;
        /** Whether all refusals of the time could be counted. */
        complete: boolean;
      };
    };
  };
  '/refusal-groups/{group}': {
    get: {
      params: {
        group: string;
      };
      query: {
        since?: string;
        until?: string;
        language?: "en" | "fr";
      };
      answer: {
        /** Source or network, a colon, and the code. */
        group: string;
        source?: string;
        sourceName?: string;
        /** Where nobody was recognized. */
        network?: string;
        code: string;
        /** What the client was told. */
        text: string;
        explanation: string;
        count: number;
        /** Milliseconds since the epoch. */
        first: number;
        last: number;
        example?: Event;
        advice: RefusalAdvice;
        /** What was refused, among the newest events. */
        particulars: {
          text: string;
          count: number;
          last: number;
        }[];
        events: Event[];
        transcript?: Transcript;
      };
    };
  };
  '/refusal-groups/{group}/notice': {
    get: {
      params: {
        group: string;
      };
      query: {
        since?: string;
        until?: string;
        language?: "en" | "fr";
      };
      answer: {
        to: string;
        language: "en" | "fr";
        subject: string;
        text: string;
      };
    };
  };
  '/refusals': {
    get: {
      query: {
        language?: "en" | "fr";
      };
      answer: {
        items: Refusal[];
      };
    };
  };
  '/refusals/{code}': {
    get: {
      params: {
        code: string;
      };
      query: {
        language?: "en" | "fr";
      };
      answer: Refusal;
    };
  };
  '/reports': {
    get: {
      query: {
        by: "source" | "tag" | "owner" | "address" | "domain" | "recipient-domain" | "day" | "code";
        from?: string;
        to?: string;
        source?: string;
        tag?: string;
        owner?: string;
        sort?: "accepted" | "octets" | "refused" | "held" | "delivered" | "deferred" | "bounced" | "key";
        compare?: "true" | "false";
        format?: "json" | "csv";
        limit?: string;
        cursor?: string;
      };
      answer: {
        by: "source" | "tag" | "owner" | "address" | "domain" | "recipient-domain" | "day" | "code";
        from: number;
        to: number;
        items: {
          /** Identifier of the source, tag, owner, address, domain, day (2026-01-31) or code; `*`: all others. */
          key: string;
          /** The same for people: name of the source, text of the refusal. */
          name: string;
          counts: Counts;
          before?: Counts;
        }[];
        /** Rows in all. */
        found: number;
        totals: Counts;
        /** With `compare`: the time before. */
        before?: {
          from: number;
          to: number;
          totals: Counts;
        };
        /** Events that are not counted yet. */
        behind: number;
        next?: string;
      };
    };
  };
  '/route-choice': {
    get: {
      query: {
        recipient: string;
        sender?: string;
        source?: string;
      };
      answer: {
        /** Of the recipient, as routes see it. */
        domain: string;
        route?: Route;
      };
    };
  };
  '/routes': {
    get: {
      answer: {
        items: Route[];
      };
    };
  };
  '/routes/{name}': {
    get: {
      params: {
        name: string;
      };
      answer: Route;
    };
    put: {
      params: {
        name: string;
      };
      body: {
        match?: {
          source?: string;
          recipientDomain?: string;
          senderDomain?: string;
        };
        target: {
          kind: "sandbox";
        } | {
          kind: "mx";
          port?: number;
        } | {
          kind: "smarthost";
          hosts: {
            host: string;
            port: number;
          }[];
          implicitTls?: boolean;
          /** The password is sealed at rest, and never shown again. */
          authentication?: {
            username: string;
            password: string;
          };
          /** PEM; the key is sealed at rest, and never shown again. */
          clientCertificate?: {
            certificate: string;
            privateKey: string;
          };
        };
        tls?: "none" | "opportunistic" | "verified";
        connections?: number;
        messagesPerConnection?: number;
      };
      answer: Route;
    };
    delete: {
      params: {
        name: string;
      };
      answer: undefined;
    };
  };
  '/session': {
    get: {
      answer: Who;
    };
    post: {
      body: {
        email: string;
        password: string;
        code?: string;
      };
      answer: {
        person: Who;
      };
    };
    delete: {
      answer: undefined;
    };
  };
  '/session/invitation': {
    post: {
      body: {
        invitation: string;
        password: string;
      };
      answer: {
        email: string;
      };
    };
  };
  '/session/oidc': {
    get: {
      answer: {
        items: {
          name: string;
          label: string;
        }[];
      };
    };
  };
  '/session/oidc/{provider}': {
    get: {
      params: {
        provider: string;
      };
      answer: undefined;
    };
  };
  '/session/oidc/{provider}/callback': {
    get: {
      params: {
        provider: string;
      };
      answer: undefined;
    };
  };
  '/session/passkey': {
    post: {
      body: {
        /** What the browser has answered. */
        response: {
          id: string;
          [more: string]: unknown;
        };
      };
      answer: {
        person: Who;
      };
    };
  };
  '/session/passkey/challenge': {
    post: {
      answer: {
        challenge: string;
        [more: string]: unknown;
      };
    };
  };
  '/session/setup': {
    post: {
      body: {
        token: string;
        email: string;
        name: string;
        password: string;
      };
      answer: {
        person: Who;
      };
    };
  };
  '/session/setup-link': {
    post: {
      answer: {
        /** Shown this once; POST /session/setup takes it. */
        token: string;
        /** Milliseconds since the epoch. */
        expiresAt: number;
      };
    };
  };
  '/session/state': {
    get: {
      answer: {
        who?: Who;
        /** A second factor has to be set up before anything else. */
        mustEnrol: boolean;
        /** The sign-ins of the organisation. */
        providers: {
          name: string;
          label: string;
        }[];
        /** This relay is one of a lab; told to who is signed in. */
        lab?: boolean;
      };
    };
  };
  '/source-counts': {
    get: {
      answer: SourceCounts;
    };
  };
  '/source-requests': {
    get: {
      answer: {
        items: Source[];
      };
    };
    post: {
      body: {
        name: string;
        description?: string;
        /** Whom to call: a name, a telephone number, a team. */
        contact?: string;
        /** Where it stands: a building, a plant, a data centre. */
        site?: string;
        /** Words to find it by. */
        tags?: string[];
        /** What people should know; may have several lines. */
        notes?: string;
        /** Who asks, when it is absent. */
        owner?: "" | string;
        /** What it is for; read by whoever approves. */
        purpose?: string;
        /** Addresses that it wants to send as. */
        from: {
          envelope: string;
          header: string;
        }[];
        recipients?: {
          allow: "internal" | "listed" | "any";
          patterns: string[];
        };
        credential?: "password" | "api-key";
      };
      answer: {
        credential: Credential;
        /** Shown this once. */
        password?: string;
        /** Shown this once. */
        apiKey?: string;
        /** How hard the generated password is to guess: 2 to the power of it. */
        bits?: number;
        handover?: {
          id: string;
          /** Reveals the secret once. */
          link: string;
          /** To be told by another way than the link. */
          pin?: string;
          /** Milliseconds since the epoch. */
          expiresAt: number;
        };
        source: Source;
      };
    };
  };
  '/source-requests/{name}/approve': {
    post: {
      params: {
        name: string;
      };
      body: {
        reason?: string;
      } | null;
      answer: Source;
    };
  };
  '/source-requests/{name}/reject': {
    post: {
      params: {
        name: string;
      };
      body: {
        reason?: string;
      } | null;
      answer: Source;
    };
  };
  '/sources': {
    get: {
      query: {
        search?: string;
        state?: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
        owner?: string;
        tag?: string;
        site?: string;
        network?: string;
        unusedSince?: string;
        brownOut?: "true" | "false";
        credential?: "password" | "api-key" | "certificate" | "oauth" | "network";
        expiresWithinDays?: string;
        contained?: "true" | "false";
        sort?: "name" | "-name" | "lastUsed" | "-lastUsed" | "owner" | "-owner" | "state" | "-state" | "created" | "-created";
        limit?: string;
        cursor?: string;
      };
      answer: {
        items: Source[];
        /** Cursor of the next page; absent on the last. */
        next?: string;
      };
    };
    post: {
      body: {
        name: string;
        description?: string;
        /** E-mail address of the person who answers for it. */
        owner?: "" | string;
        /** Fields that are absent take their default. */
        policy?: {
          /** What may stand in MAIL FROM together with what in the From header. */
          pairs?: {
            envelope: string;
            header: string;
          }[];
          /** MAIL FROM:<> is allowed. */
          nullSender?: boolean;
          recipients?: {
            allow: "internal" | "listed" | "any";
            patterns: string[];
          };
          /** Octets; 0 means the relay's own limit. */
          maxSize?: number;
          maxRecipients?: number;
          connections?: number;
          limits?: {
            unit: "messages" | "bytes";
            per: "minute" | "hour" | "day";
            most: number;
          }[];
          overLimit?: "reject" | "defer" | "hold";
          repair?: {
            missingHeaders: boolean;
            missingFrom: "" | string;
            longLines: boolean;
            rawHeaders: boolean;
          };
          rewrite?: {
            headerFrom: "" | string;
            envelopeFrom: "" | string;
            replyTo: "" | string;
          };
          unaligned?: {
            action: "hold";
          } | {
            action: "reject";
          } | {
            action: "sign-with";
            domain: string;
          } | {
            action: "send";
          };
        };
        /** Whom to call: a name, a telephone number, a team. */
        contact?: string;
        /** Words to find it by. */
        tags?: string[];
        /** What people should know; may have several lines. */
        notes?: string;
        /** Where it stands: a building, a plant, a data centre. */
        site?: string;
        state?: "requested" | "pending" | "sandboxed" | "active" | "suspended";
      };
      answer: Source;
    };
  };
  '/sources/export': {
    get: {
      query: {
        search?: string;
        state?: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
        owner?: string;
        tag?: string;
        site?: string;
        network?: string;
        unusedSince?: string;
        brownOut?: "true" | "false";
        credential?: "password" | "api-key" | "certificate" | "oauth" | "network";
        expiresWithinDays?: string;
        contained?: "true" | "false";
        format?: "csv" | "json";
      };
      answer: undefined;
    };
    post: {
      body: {
        /** Names or identifiers. */
        names: string[];
        format?: "csv" | "json";
      };
      answer: undefined;
    };
  };
  '/sources/import': {
    post: {
      query: {
        existing?: "refuse" | "skip" | "update";
        dryRun?: "true" | "false";
        allOrNothing?: "true" | "false";
      };
      body: string | unknown[];
      answer: {
        rows: number;
        added: number;
        changed: number;
        skipped: number;
        /** False after a dry run, and after all or nothing with errors. */
        written: boolean;
        /** The first thousand. `row` is the line of a CSV file, or the place in the JSON list, from 1. */
        errors: {
          row: number;
          name: string;
          field?: string;
          detail: string;
        }[];
      };
    };
  };
  '/sources/states': {
    post: {
      body: {
        /** Names or identifiers. */
        names?: string[];
        /** Or: all that match. */
        filter?: {
          /** Part of name, description, owner, contact, site, tag, notes, or of an address pattern. */
          search?: string;
          state?: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
          owner?: string;
          tag?: string;
          site?: string;
          /** An address or block that a credential of the source names exactly. */
          network?: string;
          /** No credential of the source was used since then, and it is older than that. */
          unusedSince?: string;
          /** Whether it is about to be retired. */
          brownOut?: "true" | "false";
          /** It has an active credential of this kind. */
          credential?: "password" | "api-key" | "certificate" | "oauth" | "network";
          /** One of its credentials ends within so many days, or has ended. */
          expiresWithinDays?: string;
          /** Whether it was noticed to do what it does not usually do. */
          contained?: "true" | "false";
        };
        state: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
        /** Why; stands in the journal and at the source. */
        reason?: string;
        dryRun?: boolean;
        /** One that can not be changed keeps all as they are. */
        allOrNothing?: boolean;
      };
      answer: {
        changed: number;
        /** Were in that state already. */
        unchanged: number;
        errors: {
          name: string;
          detail: string;
        }[];
        dryRun: boolean;
      };
    };
  };
  '/sources/{name}': {
    get: {
      params: {
        name: string;
      };
      answer: Source;
    };
    patch: {
      params: {
        name: string;
      };
      body: {
        name?: string;
        description?: string;
        /** E-mail address of the person who answers for it. */
        owner?: "" | string;
        policy?: {
          /** What may stand in MAIL FROM together with what in the From header. */
          pairs?: {
            envelope: string;
            header: string;
          }[];
          /** MAIL FROM:<> is allowed. */
          nullSender?: boolean;
          recipients?: {
            allow: "internal" | "listed" | "any";
            patterns: string[];
          };
          /** Octets; 0 means the relay's own limit. */
          maxSize?: number;
          maxRecipients?: number;
          connections?: number;
          limits?: {
            unit: "messages" | "bytes";
            per: "minute" | "hour" | "day";
            most: number;
          }[];
          overLimit?: "reject" | "defer" | "hold";
          repair?: {
            missingHeaders: boolean;
            missingFrom: "" | string;
            longLines: boolean;
            rawHeaders: boolean;
          };
          rewrite?: {
            headerFrom: "" | string;
            envelopeFrom: "" | string;
            replyTo: "" | string;
          };
          unaligned?: {
            action: "hold";
          } | {
            action: "reject";
          } | {
            action: "sign-with";
            domain: string;
          } | {
            action: "send";
          };
        };
        /** Whom to call: a name, a telephone number, a team. */
        contact?: string;
        /** Words to find it by. */
        tags?: string[];
        /** What people should know; may have several lines. */
        notes?: string;
        /** Where it stands: a building, a plant, a data centre. */
        site?: string;
      };
      answer: Source;
    };
    delete: {
      params: {
        name: string;
      };
      answer: undefined;
    };
  };
  '/sources/{name}/activity': {
    get: {
      params: {
        name: string;
      };
      query: {
        window?: "1h" | "24h" | "7d" | "30d";
      };
      answer: SourceActivity;
    };
  };
  '/sources/{name}/compatibility': {
    get: {
      params: {
        name: string;
      };
      answer: Compatibility;
    };
  };
  '/sources/{name}/containment': {
    post: {
      params: {
        name: string;
      };
      body: {
        answer: "expected" | "attack";
        /** What was held. */
        held?: "release" | "delete" | "keep";
      };
      answer: {
        released: number;
        deleted: number;
        /** Of the source, now. */
        state: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
      };
    };
  };
  '/sources/{name}/containment/mode': {
    put: {
      params: {
        name: string;
      };
      body: {
        /** null: the mode of the relay. */
        mode: "off" | "watch" | "act" | null;
      };
      answer: {
        source: string;
        sourceName: string;
        level: "none" | "alert" | "slow" | "hold" | "suspend";
        /** Since when, milliseconds since the epoch. */
        levelAt: number;
        /** `act` takes the steps, `watch` only tells. */
        mode: "off" | "watch" | "act";
        /** Absent: the mode of the relay. */
        ownMode?: "off" | "watch" | "act";
        /** What is unusual, in plain words. */
        deviations: {
          kind: string;
          points: number;
          text: string;
        }[];
        /** Deliveries that wait for the answer; at most 1000 are counted. */
        held?: number;
      };
    };
  };
  '/sources/{name}/credentials': {
    get: {
      params: {
        name: string;
      };
      answer: {
        items: Credential[];
      };
    };
    post: {
      params: {
        name: string;
      };
      body: {
        /** What proves it; networks given beside another kind narrow where it may be used from. */
        kind: "password" | "api-key" | "certificate" | "oauth" | "network";
        label?: string;
        /** For password; the name of the source when it is absent. */
        account?: string;
        /** Generated when it is absent, which is better. */
        password?: string;
        /** Keeps the password in a recoverable form, for devices that know nothing better. */
        cramMd5?: boolean;
        /** With cramMd5: makes the exception that it needs, if there is none. */
        exception?: {
          reason: string;
          /** Milliseconds since the epoch; at most 366 days from now. */
          endsAt: number;
          /** Absent: the owner of the source. */
          owner?: string;
        };
        networks?: string[];
        certificate?: {
          fingerprint256: string;
        } | {
          subject: string;
        };
        oauth?: {
          issuer: string;
          clientId: string;
        };
        /** Milliseconds since the epoch. */
        expiresAt?: number;
        /** What the device can hold. */
        generator?: {
          /** See GET /password-presets. */
          preset?: "default" | "strong" | "printer" | "mixed-12" | "symbols" | "legacy-8" | "digits";
          /** Characters, instead of those of the preset. */
          length?: number;
          /** Instead of that of the preset. */
          alphabet?: "readable" | "mixed" | "letters" | "alphanumeric" | "digits" | "hexadecimal" | "symbols";
        };
        /** Instead of the secret the answer has a link that reveals it once. */
        handover?: {
          /** How long the link works. */
          hours?: number;
          /** A PIN that has to be told by another way: `true` makes one. */
          pin?: boolean | string;
        };
        /** A trap: plant it where an intruder looks. Any use is refused, and is an alarm. */
        canary?: boolean;
      };
      answer: IssuedCredential;
    };
  };
  '/sources/{name}/credentials/{credential}': {
    patch: {
      params: {
        name: string;
        credential: string;
      };
      body: {
        label?: string;
        /** Milliseconds since the epoch; null: it does not end. */
        expiresAt?: number | null;
      };
      answer: Credential;
    };
    get: {
      params: {
        name: string;
        credential: string;
      };
      answer: {
        id: string;
        source: string;
        label: string;
        state: "active" | "revoked";
        /** What must be shown: password, api-key, certificate, oauth, network. */
        kinds: string[];
        account?: string;
        /** The password is kept in a recoverable form. */
        cramMd5: boolean;
        networks: string[];
        certificate?: {
          fingerprint256?: string;
          subject?: string;
        };
        oauth?: {
          issuer: string;
          clientId: string;
        };
        /** Milliseconds since the epoch. */
        createdAt: number;
        /** Milliseconds since the epoch. */
        expiresAt?: number;
        /** Milliseconds since the epoch. */
        lastUsedAt?: number;
        lastUsedFrom?: string;
        /** A trap: any use is refused like a wrong password, and is an alarm. */
        canary: boolean;
        rotation?: {
          /** Which of both secrets this one is. */
          role: "old" | "new";
          /** Identifier of the other one. */
          other: string;
          /** Milliseconds since the epoch. */
          startedAt: number;
          /** The old one is revoked when it was not used for so long; absent: it has a fixed end. */
          unusedMs?: number;
        };
        uses: CredentialUse[];
      };
    };
    delete: {
      params: {
        name: string;
        credential: string;
      };
      answer: Credential;
    };
  };
  '/sources/{name}/credentials/{credential}/cancel-rotation': {
    post: {
      params: {
        name: string;
        credential: string;
      };
      answer: {
        items: Credential[];
      };
    };
  };
  '/sources/{name}/credentials/{credential}/complete-rotation': {
    post: {
      params: {
        name: string;
        credential: string;
      };
      answer: {
        items: Credential[];
      };
    };
  };
  '/sources/{name}/disable': {
    post: {
      params: {
        name: string;
      };
      body: {
        /** Why; stands in the journal and at the source. */
        reason?: string;
      } | null;
      answer: Source;
    };
  };
  '/sources/{name}/enable': {
    post: {
      params: {
        name: string;
      };
      body: {
        /** Why; stands in the journal and at the source. */
        reason?: string;
      } | null;
      answer: Source;
    };
  };
  '/sources/{name}/handovers': {
    get: {
      params: {
        name: string;
      };
      answer: {
        items: Handover[];
      };
    };
  };
  '/sources/{name}/handovers/{handover}': {
    delete: {
      params: {
        name: string;
        handover: string;
      };
      answer: Handover;
    };
  };
  '/sources/{name}/keep': {
    post: {
      params: {
        name: string;
      };
      body: {
        /** Why; stands in the journal and at the source. */
        reason?: string;
      } | null;
      answer: Source;
    };
  };
  '/sources/{name}/normal': {
    get: {
      params: {
        name: string;
      };
      answer: {
        source: string;
        sourceName: string;
        level: "none" | "alert" | "slow" | "hold" | "suspend";
        /** Since when, milliseconds since the epoch. */
        levelAt: number;
        /** `act` takes the steps, `watch` only tells. */
        mode: "off" | "watch" | "act";
        /** Absent: the mode of the relay. */
        ownMode?: "off" | "watch" | "act";
        /** What is unusual, in plain words. */
        deviations: {
          kind: string;
          points: number;
          text: string;
        }[];
        /** Deliveries that wait for the answer; at most 1000 are counted. */
        held?: number;
        normal: {
          /** First message, milliseconds since the epoch. */
          since: number;
          /** Days with messages. */
          days: number;
          messages: number;
          /** Enough is known to judge it. */
          ripe: boolean;
          networks: string[];
          /** Domains that it writes to. */
          domains: string[];
          /** Hours with messages, by hour of the day (UTC): 24 of working days, 24 of the weekend. */
          hours: number[];
          /** Of the hours of the last four weeks. */
          busiest: {
            messages: number;
            newDomains: number;
            octets: number;
            largest: number;
          };
          /** 0 to 1. */
          failureShare: number;
        };
      };
    };
  };
  '/sources/{name}/recertification': {
    post: {
      params: {
        name: string;
      };
      body: {
        answer: "keep" | "not-mine" | "retire";
        comment?: string;
      };
      answer: Source;
    };
  };
  '/sources/{name}/retire': {
    post: {
      params: {
        name: string;
      };
      body: {
        /** Share of the attempts that are answered 4xx, 0 to 1. */
        share?: number;
        /** Hours of the day (UTC) in which every attempt is answered 4xx. */
        hours?: number[];
        /** Length of the brown-out; 0: retired at once. Without it, as `lifecycle` of the configuration says. */
        days?: number;
        /** Why; stands in the journal and at the source. */
        reason?: string;
      };
      answer: Source;
    };
  };
  '/sources/{name}/rotate': {
    post: {
      params: {
        name: string;
      };
      body: {
        /** Needed when the source has several passwords or keys. */
        credential?: string;
        /** The old secret ends after this time, whether or not it is still used. */
        graceHours?: number;
        /** The old secret ends when it was not used for so long and the new one was; without both, the configured time. */
        unusedHours?: number;
        /** Generated when it is absent, which is better. */
        password?: string;
        /** What the device can hold. */
        generator?: {
          /** See GET /password-presets. */
          preset?: "default" | "strong" | "printer" | "mixed-12" | "symbols" | "legacy-8" | "digits";
          /** Characters, instead of those of the preset. */
          length?: number;
          /** Instead of that of the preset. */
          alphabet?: "readable" | "mixed" | "letters" | "alphanumeric" | "digits" | "hexadecimal" | "symbols";
        };
        /** Instead of the secret the answer has a link that reveals it once. */
        handover?: {
          /** How long the link works. */
          hours?: number;
          /** A PIN that has to be told by another way: `true` makes one. */
          pin?: boolean | string;
        };
      };
      answer: {
        credential: Credential;
        /** Shown this once. */
        password?: string;
        /** Shown this once. */
        apiKey?: string;
        /** How hard the generated password is to guess: 2 to the power of it. */
        bits?: number;
        handover?: {
          id: string;
          /** Reveals the secret once. */
          link: string;
          /** To be told by another way than the link. */
          pin?: string;
          /** Milliseconds since the epoch. */
          expiresAt: number;
        };
        replaced: Credential;
      };
    };
  };
  '/sources/{name}/rotations': {
    get: {
      params: {
        name: string;
      };
      answer: {
        items: Rotation[];
      };
    };
  };
  '/sources/{name}/sheet': {
    get: {
      params: {
        name: string;
      };
      query: {
        format?: "text" | "markdown" | "html" | "json";
        language?: "en" | "fr";
      };
      answer: string | SettingsSheet;
    };
  };
  '/sources/{name}/state': {
    post: {
      params: {
        name: string;
      };
      body: {
        state: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
        /** Why; stands in the journal and at the source. */
        reason?: string;
      };
      answer: Source;
    };
  };
  '/sources/{source}/notices': {
    get: {
      params: {
        source: string;
      };
      query: {
        language?: "en" | "fr";
      };
      answer: {
        /** Whether the owner is told. */
        on: boolean;
        /** Why not. */
        why?: string;
        to: string;
        language: "en" | "fr";
        items: {
          code: string;
          toldAt?: number;
          /** Refusals since then. */
          waiting: number;
          /** When the owner is told of them at the earliest. */
          nextAt?: number;
        }[];
      };
    };
  };
  '/status': {
    get: {
      answer: {
        version: string;
        hostname: string;
        startedAt: number;
        uptimeSeconds: number;
        data: string;
        listeners: {
          name: string;
          address: string;
          tls: string;
        }[];
        spool: {
          messages: number;
          queued: number;
          held: number;
          bytes: number;
          oldestAt?: number;
        };
        /** How many are in each state. */
        sources: Record<string, number>;
        domains: number;
        routes: number;
        /** What message search knows. */
        messageIndex: {
          messages: number;
          /** Events of the journal that it has not read yet. */
          behind: number;
          /** It reads an existing journal: searches find only a part. */
          building: boolean;
          /** Share of the journal that it has read, 0 to 1. */
          progress: number;
          trouble?: string;
        };
        /** What keeps the relay from accepting mail now. */
        obstacles: string[];
      };
    };
  };
  '/token/rotate': {
    post: {
      answer: {
        /** Shown this once. */
        token: string;
      };
    };
  };
  '/tokens': {
    get: {
      answer: {
        items: Token[];
      };
    };
    post: {
      body: {
        /** For people: what uses it. */
        name: string;
        /** Not more than your own. */
        role: "owner" | "operator" | "auditor" | "source-owner";
        /** Names or identifiers of the only sources that it is for. */
        sources?: string[];
        /** Tags of the only routes that it is for, as in this document: `Sources`, `Queue`, ... */
        groups?: string[];
        /** Milliseconds since the epoch; 90 days from now when it is absent, two years at most. */
        expiresAt?: number;
        /** Belongs to the relay and not to you: it lasts when you are gone. Owners only. */
        shared?: boolean;
      };
      answer: {
        token: Token;
        /** Shown this once. */
        secret: string;
      };
    };
  };
  '/tokens/{token}': {
    delete: {
      params: {
        token: string;
      };
      answer: undefined;
    };
  };
  '/transcripts/{session}': {
    get: {
      params: {
        session: string;
      };
      answer: Transcript;
    };
  };
}

export interface AcceptedDomain {
  name: string;
  type: "authoritative" | "internal-relay";
  matchSubDomains: boolean;
  /** Listed recipients of exactly this domain. */
  recipients: number;
}

export interface Alert {
  id: string;
  rule: string;
  severity: "info" | "warning" | "critical";
  state: "open" | "closed";
  code?: string;
  source?: string;
  sourceName?: string;
  network?: string;
  destination?: string;
  /** What happened the last time. */
  text: string;
  count: number;
  /** Milliseconds since the epoch. */
  firstAt: number;
  /** Milliseconds since the epoch. */
  lastAt: number;
  /** Milliseconds since the epoch. */
  toldAt?: number;
  /** How many the last message spoke of. */
  toldCount: number;
  muted: boolean;
  /** Milliseconds since the epoch. */
  acknowledgedAt?: number;
  acknowledgedBy?: string;
  /** Milliseconds since the epoch. */
  closedAt?: number;
}

export interface AlertChannel {
  name: string;
  enabled: boolean;
  minimumSeverity: "info" | "warning" | "critical";
  kind: "mail" | "webhook" | "teams" | "slack" | "syslog" | "otlp";
  to?: string[];
  /** Where it goes; without what is secret in it. */
  address?: string;
  allowPrivate?: boolean;
  facility?: number;
  enterprise?: string;
  /** Authorities that it trusts besides the well-known ones, PEM. */
  ca?: string;
  /** It shows one. */
  clientCertificate?: boolean;
  /** Names of the header fields. */
  headers?: string[];
  logs?: boolean;
  metricsSeconds?: number;
  /** The journal events that it streams. */
  events?: {
    types: string[];
    codes: string[];
    source?: string;
  };
  /** Why the last message was not taken. */
  trouble?: string;
}

export interface AlertMessage {
  id: string;
  channel: string;
  kind: "opened" | "continues" | "closed" | "test";
  /** How many it speaks of. */
  count: number;
  state: "pending" | "sent" | "failed";
  attempts: number;
  /** Milliseconds since the epoch. */
  nextAttemptAt?: number;
  lastError?: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch. */
  finishedAt?: number;
}

export interface AlertMute {
  id: string;
  rule?: string;
  code?: string;
  source?: string;
  sourceName?: string;
  /** Milliseconds since the epoch. */
  until: number;
  reason: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  by: string;
}

export interface ApprovalPlan {
  name: string;
  owner: string;
  description: string;
  policy: {
    /** What may stand in MAIL FROM together with what in the From header. */
    pairs: {
      envelope: string;
      header: string;
    }[];
    /** MAIL FROM:<> is allowed. */
    nullSender: boolean;
    recipients: {
      allow: "internal" | "listed" | "any";
      patterns: string[];
    };
    /** Octets; 0 means the relay's own limit. */
    maxSize: number;
    maxRecipients: number;
    connections: number;
    limits: {
      unit: "messages" | "bytes";
      per: "minute" | "hour" | "day";
      most: number;
    }[];
    overLimit: "reject" | "defer" | "hold";
    repair: {
      missingHeaders: boolean;
      missingFrom: "" | string;
      longLines: boolean;
      rawHeaders: boolean;
    };
    rewrite: {
      headerFrom: "" | string;
      envelopeFrom: "" | string;
      replyTo: "" | string;
    };
    unaligned: {
      action: "hold";
    } | {
      action: "reject";
    } | {
      action: "sign-with";
      domain: string;
    } | {
      action: "send";
    };
  };
  credential: {
    kind: "network" | "password";
    account?: string;
    networks: string[];
  };
  /** What no policy can allow, or what somebody should know. */
  remarks: string[];
}

export interface Attachment {
  part: string;
  /** Harmless: without folders, control characters and marks of direction. */
  name: string;
  declaredType: string;
  /** What its first octets say. */
  foundType?: string;
  /** Octets, decoded. */
  size: number;
  /** False for a large message: the size is reckoned, and there is no hash. */
  exact: boolean;
  sha256?: string;
  /** The HTML shows it. */
  inline: boolean;
  flags: ("direction" | "control" | "path" | "double-extension" | "padding" | "executable" | "active" | "macros" | "long" | "disguised")[];
}

export interface Attention {
  /** A word with hyphens that stays the same: what it is about. */
  kind: string;
  severity: "info" | "warning" | "critical";
  /** In English, for a person. */
  sentence: string;
  /** What stands in the sentence, for other languages; times in milliseconds since the epoch. */
  parameters: Record<string, string | number>;
  /** Milliseconds since the epoch. */
  since?: number;
  /** What it is about. */
  subject: {
    type: "relay" | "source" | "credential" | "domain" | "certificate" | "destination" | "alert" | "exception" | "recertification" | "edge";
    id?: string;
    name: string;
  };
  /** Identifier of the source that it concerns. */
  source?: string;
  /** What to do. */
  action: {
    /** Path of the page where it is mended. */
    console: string;
    /** The same on the command line. */
    command: string;
  };
}

export interface AuditCollectSettings {
  /** The tenant: its identifier, or one of its domains. */
  tenant: string;
  clientId: string;
  /** How far back. */
  days: number;
  /** Only these; default: all that the tenant gives. */
  parts?: ("domains" | "organisation" | "trace" | "hunting" | "details")[];
  /** Yours, where the application may not ask. */
  domains: string[];
  /** Details for so many messages a day of each address and sender; `null` for all. */
  details: number | null;
  /** Of the day, UTC, every day; `null`: by hand. */
  hour: number | null;
  /** Run the audit after it. */
  run: boolean;
  credential: "secret" | "certificate";
}

export interface AuditCollection {
  id: number;
  state: "idle" | "running" | "done" | "failed" | "stopped";
  /** Milliseconds since the epoch, UTC. */
  startedAt?: number;
  /** Milliseconds since the epoch, UTC. */
  endedAt?: number;
  /** Steps of the part; `text` is what is fetched now. */
  progress?: {
    part: "domains" | "organisation" | "trace" | "hunting" | "details";
    done: number;
    total: number;
    text?: string;
  };
  /** The service asked to wait. */
  waiting?: {
    text: string;
    /** Milliseconds since the epoch, UTC. */
    until: number;
  };
  report?: {
    /** Milliseconds since the epoch, UTC. */
    from: number;
    /** Milliseconds since the epoch, UTC. */
    to: number;
    domains: string[];
    parts: {
      part: "domains" | "organisation" | "trace" | "hunting" | "details";
      outcome: "done" | "failed" | "skipped" | "interrupted";
      rows: number;
      files: number;
      notes: string[];
      problem?: string;
    }[];
  };
  error?: string;
  /** Whether somebody has said what to fetch. Not among followed changes. */
  isSet?: boolean;
}

export interface AuditEntry {
  sequence: number;
  /** Milliseconds since the epoch. */
  at: number;
  actor: {
    kind: string;
    id: string;
    name: string;
  };
  network: string;
  action: string;
  /** Identifier of the source that it was about. */
  source?: string;
  before?: unknown;
  after?: unknown;
  /** Hash of the entry before. */
  previous: string;
  hash: string;
}

export interface AuditRun {
  id: number;
  state: "idle" | "running" | "done" | "failed" | "stopped";
  /** Milliseconds since the epoch, UTC. */
  startedAt?: number;
  /** Milliseconds since the epoch, UTC. */
  endedAt?: number;
  progress?: {
    phase: "settings" | "reading" | "names" | "judging" | "done";
    files: {
      done: number;
      total: number;
    };
    octets: {
      done: number;
      total: number;
    };
    rows: number;
    rowsPerSecond: number;
    leftMs?: number;
    file?: string;
  };
  error?: string;
  /** When there last was an answer; absent: never. Not among followed changes. */
  answeredAt?: number;
}

export interface Compatibility {
  source: string;
  /** Milliseconds since the epoch. */
  firstAt?: number;
  /** Milliseconds since the epoch. */
  lastAt?: number;
  connections: number;
  messages: number;
  /** Octets of its largest message. */
  largest: number;
  /** What it was seen to do; of each at most 16 values. */
  seen: Record<string, {
      value: string;
      count: number;
      /** Milliseconds since the epoch. */
      firstAt: number;
      /** Milliseconds since the epoch. */
      lastAt: number;
    }[]>;
  profile: {
    name: "modern" | "standard" | "legacy" | "unknown";
    /** The oldest version of the last 30 days; `none` without TLS. */
    tls?: string;
    keyExchange?: "ephemeral" | "rsa";
    methods: string[];
    /** Exceptions that it can not do without. */
    needs: ("tls-1.0" | "tls-1.1" | "rsa-key-exchange" | "3des" | "no-tls" | "cram-md5")[];
    /** At least 10 connections over 7 days were seen. */
    sure: boolean;
  };
  advice: {
    code: string;
    text: string;
    command?: string;
    exception?: string;
  }[];
}

export interface Counts {
  /** Messages taken. */
  accepted: number;
  /** Octets of the messages taken. */
  octets: number;
  /** Commands and messages refused, and TLS handshakes that failed. */
  refused: number;
  /** Messages and deliveries that were put on hold. */
  held: number;
  /** Deliveries: one a recipient domain of a message. */
  delivered: number;
  /** Attempts that are made again later. */
  deferred: number;
  /** Deliveries given up. */
  bounced: number;
}

export interface Credential {
  id: string;
  source: string;
  label: string;
  state: "active" | "revoked";
  /** What must be shown: password, api-key, certificate, oauth, network. */
  kinds: string[];
  account?: string;
  /** The password is kept in a recoverable form. */
  cramMd5: boolean;
  networks: string[];
  certificate?: {
    fingerprint256?: string;
    subject?: string;
  };
  oauth?: {
    issuer: string;
    clientId: string;
  };
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch. */
  expiresAt?: number;
  /** Milliseconds since the epoch. */
  lastUsedAt?: number;
  lastUsedFrom?: string;
  /** A trap: any use is refused like a wrong password, and is an alarm. */
  canary: boolean;
  rotation?: {
    /** Which of both secrets this one is. */
    role: "old" | "new";
    /** Identifier of the other one. */
    other: string;
    /** Milliseconds since the epoch. */
    startedAt: number;
    /** The old one is revoked when it was not used for so long; absent: it has a fixed end. */
    unusedMs?: number;
  };
}

export interface CredentialUse {
  network: string;
  /** Milliseconds since the epoch. */
  firstAt: number;
  /** Milliseconds since the epoch. */
  lastAt: number;
  uses: number;
  /** What the client called itself the last time; empty over HTTP. */
  hello: string;
  method: string;
}

export interface Declaration {
  policy: Record<string, {
      pairs?: {
        envelope: string;
        header: string;
      }[];
      /** MAIL FROM:<> is allowed. */
      nullSender?: boolean;
      recipients?: {
        allow?: "internal" | "listed" | "any";
        patterns?: string[];
      };
      /** Octets; 0 means the relay's own limit. */
      maxSize?: number;
      maxRecipients?: number;
      connections?: number;
      limits?: {
        unit: "messages" | "bytes";
        per: "minute" | "hour" | "day";
        most: number;
      }[];
      overLimit?: "reject" | "defer" | "hold";
      repair?: {
        missingHeaders?: boolean;
        missingFrom?: "" | string;
        longLines?: boolean;
        rawHeaders?: boolean;
      };
      rewrite?: {
        headerFrom?: "" | string;
        envelopeFrom?: "" | string;
        replyTo?: "" | string;
      };
      unaligned?: {
        action: "hold";
      } | {
        action: "reject";
      } | {
        action: "sign-with";
        domain: string;
      } | {
        action: "send";
      };
      /** Name of the policy that it builds on. */
      base?: string;
    }>;
  source: Record<string, {
      description?: string;
      /** E-mail address of the person who answers for it. */
      owner?: "" | string;
      /** Whom to call: a name, a telephone number, a team. */
      contact?: string;
      /** Words to find it by. */
      tags?: unknown;
      /** What people should know; may have several lines. */
      notes?: unknown;
      /** Where it stands: a building, a plant, a data centre. */
      site?: string;
      /** Absent: stays as it is, so that a source which was suspended is not started again by a file. */
      state?: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
      policy?: {
        pairs?: {
          envelope: string;
          header: string;
        }[];
        /** MAIL FROM:<> is allowed. */
        nullSender?: boolean;
        recipients?: {
          allow?: "internal" | "listed" | "any";
          patterns?: string[];
        };
        /** Octets; 0 means the relay's own limit. */
        maxSize?: number;
        maxRecipients?: number;
        connections?: number;
        limits?: {
          unit: "messages" | "bytes";
          per: "minute" | "hour" | "day";
          most: number;
        }[];
        overLimit?: "reject" | "defer" | "hold";
        repair?: {
          missingHeaders?: boolean;
          missingFrom?: "" | string;
          longLines?: boolean;
          rawHeaders?: boolean;
        };
        rewrite?: {
          headerFrom?: "" | string;
          envelopeFrom?: "" | string;
          replyTo?: "" | string;
        };
        unaligned?: {
          action: "hold";
        } | {
          action: "reject";
        } | {
          action: "sign-with";
          domain: string;
        } | {
          action: "send";
        };
        /** Name of the policy that it builds on. */
        base?: string;
      };
      /** Absent: credentials are not the business of the files. */
      credential?: {
        kind: "password" | "api-key" | "certificate" | "oauth" | "network";
        label: string;
        /** Of a password; the name of the source when it is absent. */
        account?: string;
        /** Keeps the password in a recoverable form. */
        cramMd5?: boolean;
        networks: unknown;
        certificate?: {
          fingerprint256: unknown;
        } | {
          subject: string;
        };
        oauth?: {
          issuer: string;
          clientId: string;
        };
        expires?: unknown;
      }[];
    }>;
  route: Record<string, {
      match: {
        source?: string;
        recipientDomain?: unknown;
        senderDomain?: unknown;
      };
      target: {
        kind: "sandbox";
      } | {
        kind: "mx";
        port: number;
      } | {
        kind: "smarthost";
        hosts: {
          host: unknown;
          port: number;
        }[];
        implicitTls: boolean;
        /** The password is given at apply, or stays as it is. */
        username?: string;
        /** PEM; the private key is given at apply, or stays as it is. */
        clientCertificate?: string;
      };
      tls: "none" | "opportunistic" | "verified";
      connections: number;
      messagesPerConnection: number;
    }>;
  domain: Record<string, {
      internal: boolean;
    }>;
}

export interface DeclarationInput {
  policy?: Record<string, {
      pairs?: {
        envelope: string;
        header: string;
      }[];
      /** MAIL FROM:<> is allowed. */
      nullSender?: boolean;
      recipients?: {
        allow?: "internal" | "listed" | "any";
        patterns?: string[];
      };
      /** Octets; 0 means the relay's own limit. */
      maxSize?: number;
      maxRecipients?: number;
      connections?: number;
      limits?: {
        unit: "messages" | "bytes";
        per: "minute" | "hour" | "day";
        most: number;
      }[];
      overLimit?: "reject" | "defer" | "hold";
      repair?: {
        missingHeaders?: boolean;
        missingFrom?: "" | string;
        longLines?: boolean;
        rawHeaders?: boolean;
      };
      rewrite?: {
        headerFrom?: "" | string;
        envelopeFrom?: "" | string;
        replyTo?: "" | string;
      };
      unaligned?: {
        action: "hold";
      } | {
        action: "reject";
      } | {
        action: "sign-with";
        domain: string;
      } | {
        action: "send";
      };
      /** Name of the policy that it builds on. */
      base?: string;
    }>;
  source?: Record<string, {
      description?: string;
      /** E-mail address of the person who answers for it. */
      owner?: "" | string;
      /** Whom to call: a name, a telephone number, a team. */
      contact?: string;
      /** Words to find it by. */
      tags?: string[];
      /** What people should know; may have several lines. */
      notes?: string;
      /** Where it stands: a building, a plant, a data centre. */
      site?: string;
      /** Absent: stays as it is, so that a source which was suspended is not started again by a file. */
      state?: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
      policy?: {
        pairs?: {
          envelope: string;
          header: string;
        }[];
        /** MAIL FROM:<> is allowed. */
        nullSender?: boolean;
        recipients?: {
          allow?: "internal" | "listed" | "any";
          patterns?: string[];
        };
        /** Octets; 0 means the relay's own limit. */
        maxSize?: number;
        maxRecipients?: number;
        connections?: number;
        limits?: {
          unit: "messages" | "bytes";
          per: "minute" | "hour" | "day";
          most: number;
        }[];
        overLimit?: "reject" | "defer" | "hold";
        repair?: {
          missingHeaders?: boolean;
          missingFrom?: "" | string;
          longLines?: boolean;
          rawHeaders?: boolean;
        };
        rewrite?: {
          headerFrom?: "" | string;
          envelopeFrom?: "" | string;
          replyTo?: "" | string;
        };
        unaligned?: {
          action: "hold";
        } | {
          action: "reject";
        } | {
          action: "sign-with";
          domain: string;
        } | {
          action: "send";
        };
        /** Name of the policy that it builds on. */
        base?: string;
      };
      /** Absent: credentials are not the business of the files. */
      credential?: {
        kind: "password" | "api-key" | "certificate" | "oauth" | "network";
        label?: string;
        /** Of a password; the name of the source when it is absent. */
        account?: string;
        /** Keeps the password in a recoverable form. */
        cramMd5?: boolean;
        networks?: string[];
        certificate?: {
          fingerprint256: string;
        } | {
          subject: string;
        };
        oauth?: {
          issuer: string;
          clientId: string;
        };
        expires?: string;
      }[];
    }>;
  route?: Record<string, {
      match?: {
        source?: string;
        recipientDomain?: string;
        senderDomain?: string;
      };
      target: {
        kind: "sandbox";
      } | {
        kind: "mx";
        port?: number;
      } | {
        kind: "smarthost";
        hosts: {
          host: string;
          port: number;
        }[];
        implicitTls?: boolean;
        /** The password is given at apply, or stays as it is. */
        username?: string;
        /** PEM; the private key is given at apply, or stays as it is. */
        clientCertificate?: string;
      };
      tls?: "none" | "opportunistic" | "verified";
      connections?: number;
      messagesPerConnection?: number;
    }>;
  domain?: Record<string, {
      internal?: boolean;
    }>;
}

export interface Delivery {
  message: string;
  part: number;
  domain: string;
  recipients: string[];
  source: string;
  sourceName: string;
  from: string;
  state: "queued" | "held";
  hold?: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  size: number;
  /** Milliseconds since the epoch. */
  nextAttemptAt: number;
  attempts: number;
  lastReply?: string;
  /** The route that it would take now. */
  route: string;
  /** A person has chosen a route for it. */
  rerouted: boolean;
}

export interface DirectSendAudit {
  /** Milliseconds since the epoch, UTC. */
  at: number;
  /** Milliseconds since the epoch, UTC. */
  from?: number;
  /** Milliseconds since the epoch, UTC. */
  to?: number;
  /** Milliseconds since the epoch, UTC. */
  switchedAt?: number;
  domains: {
    name: string;
    type: "authoritative" | "internal-relay";
    matchSubDomains: boolean;
  }[];
  rejectDirectSend: boolean;
  gates: DirectSendGate[];
  coverage: {
    /** Days since 1970. */
    firstDay?: number;
    /** Days since 1970. */
    lastDay?: number;
    days: number;
    /** Days with evidence of every message. */
    completeDays: number;
    /** How many days old the newest of them is. */
    completeAge?: number;
    gaps: number;
    kinds: string[];
    messages: Record<string, number>;
    proven: number;
    spots: {
      code: string;
      days?: number;
    }[];
    /** What the evidence can not see. */
    blind: string[];
  };
  findings: {
    code: "reject-on" | "reject-off" | "connectors-unknown" | "connector-by-domain-only" | "connector-disabled" | "allow-list-hides-abuse" | "subdomains-untouched" | "rules-unknown" | "rule-skips-filter-for-own-domain" | "rule-skips-filter-by-address" | "rule-skips-filter" | "allowed-own-domain" | "allowed-addresses" | "no-lockdown";
    subject?: string;
  }[];
  senders: number;
  campaigns: number;
  files: number;
  /** Addresses without a name in the evidence, and what reverse DNS said. */
  names?: {
    addresses: number;
    asked: number;
    named: number;
    open: number;
  };
  after?: {
    silent: {
      id: string;
      name: string;
      /** Milliseconds since the epoch, UTC. */
      last: number;
      perDay: number;
      days: number;
      chance: number;
    }[];
    refused: {
      sender: string;
      messages: number;
      first: number | null;
      last: number | null;
      envelopeSenders: string[];
      addresses: string[];
    }[];
    proofs: {
      id: string;
      name: string;
      state: "proven" | "mixed" | "still-direct" | "silent" | "not-told";
      connectors: string[];
      through: number;
      without: number;
      /** Milliseconds since the epoch, UTC. */
      last?: number;
    }[];
  };
}

export interface DirectSendCampaign {
  id: string;
  /** Milliseconds since the epoch, UTC. */
  first: number;
  /** Milliseconds since the epoch, UTC. */
  last: number;
  messages: number;
  recipients: number;
  places: string[];
  subjects: string[];
  attachments: string[];
  /** Messages to those whom they pretend to be from. */
  self: number;
}

export interface DirectSendDecision {
  id: number;
  /** Milliseconds since the epoch, UTC. */
  at: number;
  /** Identifier of the sender. */
  sender: string;
  name: string;
  by: string;
  before?: {
    decision?: "approved" | "migrated" | "ignored" | "blocked";
    owner?: string;
    wave?: number;
    text?: string;
    /** Milliseconds since the epoch, UTC. */
    decidedAt?: number;
    by?: string;
  };
  after: {
    decision?: "approved" | "migrated" | "ignored" | "blocked";
    owner?: string;
    wave?: number;
    text?: string;
    /** Milliseconds since the epoch, UTC. */
    decidedAt?: number;
    by?: string;
  };
}

export interface DirectSendGate {
  domain: string;
  answer: "yes" | "no" | "unknown";
  text: string;
  left: {
    id: string;
    name: string;
    class: "service" | "service-own-path" | "reinjection" | "forwarding" | "mailing-list" | "calendar" | "hybrid" | "internal-relay" | "in-service" | "cloud" | "awareness" | "own-gateway" | "device" | "attack" | "partner-connector" | "unknown";
    perDay: number;
    proven: boolean;
  }[];
  perDay: number;
  confidence: number;
  reasons: string[];
}

export interface DirectSendInventory {
  senders: number;
  /** That would be refused, and for which nothing was decided. */
  left: number;
  /** Messages a day of those that are left. */
  perDay: number;
  directSend: {
    proven: number;
    candidate: number;
    no: number;
  };
  classes: {
    class: "service" | "service-own-path" | "reinjection" | "forwarding" | "mailing-list" | "calendar" | "hybrid" | "internal-relay" | "in-service" | "cloud" | "awareness" | "own-gateway" | "device" | "attack" | "partner-connector" | "unknown";
    senders: number;
    left: number;
    perDay: number;
  }[];
  waves: {
    wave?: number;
    senders: number;
    left: number;
    perDay: number;
    ways: {
      kind: "relay-source" | "partner-connector" | "custom-return-path" | "fix-forwarding" | "block" | "investigate" | "nothing";
      senders: number;
    }[];
  }[];
  decisions: {
    approved: number;
    migrated: number;
    ignored: number;
    blocked: number;
  };
  /** Evidence that would tell what senders are, the most useful first. */
  asks: {
    lack: "connector" | "envelope" | "address" | "name" | "sent" | "time" | "message";
    senders: number;
  }[];
}

export interface DirectSendSender {
  id: string;
  name: string;
  /** The most likely. */
  class: "service" | "service-own-path" | "reinjection" | "forwarding" | "mailing-list" | "calendar" | "hybrid" | "internal-relay" | "in-service" | "cloud" | "awareness" | "own-gateway" | "device" | "attack" | "partner-connector" | "unknown";
  /** All that it may be as far as the evidence goes, the most likely first; one: the evidence tells. */
  candidates: ("service" | "service-own-path" | "reinjection" | "forwarding" | "mailing-list" | "calendar" | "hybrid" | "internal-relay" | "in-service" | "cloud" | "awareness" | "own-gateway" | "device" | "attack" | "partner-connector" | "unknown")[];
  /** What would tell them apart. */
  lacks: ("connector" | "envelope" | "address" | "name" | "sent" | "time" | "message")[];
  confidence: number;
  reasons: string[];
  directSend: "proven" | "candidate" | "no";
  messages: {
    total: number;
    proven: number;
    candidates: number;
    perDay: number;
  };
  /** What the evidence lacks, for how many messages. */
  missing: Record<string, number>;
  service?: string;
  networks: string[];
  addresses: string[];
  helos: string[];
  /** By reverse DNS. */
  names: string[];
  tls: Record<string, number>;
  connectors: Record<string, number>;
  /** Milliseconds since the epoch, UTC. */
  first?: number;
  /** Milliseconds since the epoch, UTC. */
  last?: number;
  rhythm: {
    /** Messages by hour, UTC. */
    hours: number[];
    /** From Sunday. */
    weekdays: number[];
    activeDays: number;
    regularity: number;
    businessHours: number;
    pattern: "once" | "steady" | "bursts" | "now-and-then";
  };
  /** Messages by day since 1970. */
  days: Record<string, number>;
  domains: Record<string, number>;
  senders: string[];
  authors: string[];
  recipients: {
    count: number;
    more: boolean;
    some: string[];
  };
  subjects: string[];
  authentication: {
    spf: Record<string, number>;
    dkim: Record<string, number>;
    dmarc: Record<string, number>;
  };
  abuse: {
    messages: number;
    reasons: string[];
    hidden: number;
    campaigns: string[];
  };
  evidence: Record<string, number>;
  wayOut: {
    kind: "relay-source" | "partner-connector" | "custom-return-path" | "fix-forwarding" | "block" | "investigate" | "nothing";
    why: string;
    /** For the import of sources. */
    row?: {
      name: string;
      [more: string]: unknown;
    };
    powershell?: string;
    domain?: string;
  };
  wave?: number;
  note?: {
    decision?: "approved" | "migrated" | "ignored" | "blocked";
    owner?: string;
    wave?: number;
    text?: string;
    /** Milliseconds since the epoch, UTC. */
    decidedAt?: number;
    by?: string;
  };
}

export interface DiscoveredDevice {
  id: string;
  /** An IPv4 address, or the /64 of an IPv6 address. */
  network: string;
  /** `approved`: some of its held mail could not be released yet. */
  state: "pending" | "approved";
  /** Name of the pending source of its held mail. */
  source?: string;
  /** Milliseconds since the epoch. */
  firstSeenAt: number;
  /** Milliseconds since the epoch. */
  lastSeenAt: number;
  connections: number;
  messages: number;
  messagesWithoutTls: number;
  /** Messages without a From field. */
  withoutFrom: number;
  /** What waits for approval. */
  held: {
    messages: number;
    bytes: number;
  };
  bytes: number;
  /** Octets of the largest message. */
  largest: number;
  mostRecipients: number;
  mostConnections: number;
  /** Messages by hour of the day, UTC. */
  hours: number[];
  peaks: {
    minute: {
      messages: number;
      bytes: number;
    };
    hour: {
      messages: number;
      bytes: number;
    };
    day: {
      messages: number;
      bytes: number;
    };
  };
  addresses: {
    value: string;
    count: number;
  }[];
  listeners: {
    value: string;
    count: number;
  }[];
  /** What it called itself in EHLO or HELO. */
  hellos: {
    value: string;
    count: number;
  }[];
  /** Versions and ciphers that were used. */
  tls: {
    value: string;
    count: number;
  }[];
  /** SNI. */
  serverNames: {
    value: string;
    count: number;
  }[];
  tlsFailures: {
    value: string;
    count: number;
  }[];
  /** AUTH that it tried. */
  mechanisms: {
    value: string;
    count: number;
  }[];
  accounts: {
    value: string;
    count: number;
    /** The source that has this account. */
    source?: string;
  }[];
  pairs: {
    envelope: string;
    header: string;
    count: number;
  }[];
  recipientDomains: {
    value: string;
    count: number;
  }[];
  recipients: {
    value: string;
    count: number;
  }[];
  refusals: {
    value: string;
    count: number;
  }[];
  /** By list: sights of values that found no place in it. */
  others: Record<string, number>;
}

export interface DiscoveryBlock {
  network: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface Domain {
  name: string;
  internal: boolean;
  /** Milliseconds since the epoch. */
  createdAt: number;
  keys: SigningKey[];
}

export interface DomainRecord {
  purpose: "dkim" | "spf" | "dmarc";
  /** DKIM: which key. */
  selector?: string;
  stage?: "next" | "active" | "retiring";
  name: string;
  /** What to publish. For SPF and DMARC a proposal, where nothing is published yet. */
  expected: string;
  /** The line for a zone file. */
  zone: string;
  /** What to think of before publishing it. */
  note: string;
  /** `unknown`: DNS gave no answer; what was known before stays. */
  result: "published" | "missing" | "different" | "unknown";
  /** What DNS answered, cut off where it is long. */
  found: string[];
  /** Where it was found: for DMARC perhaps at the organisational domain. */
  foundAt: string;
  explanation: string;
}

export interface EdgeDecision {
  refused: boolean;
  refusal?: {
    code: string;
    /** As it is said to the client. */
    reply: string;
    stage: "recipient" | "data";
    explanation: string;
    remedy: string;
  };
  attribution: {
    kind: "originating" | "incoming" | "none";
    tenant?: string;
    /** The accepted domain of the recipient. */
    domain?: string;
    connector?: string;
    by?: "certificate" | "address";
  };
  /** As asked, or as the list of recipients has it. */
  recipientExists: boolean;
  directSend: boolean;
  reason: string;
  open: {
    question: string;
    /** What Microsoft leaves open, and what is done here. */
    text: string;
  }[];
}

export interface EdgeMessage {
  /** Of the event. */
  id: number;
  /** Milliseconds since the epoch. */
  at: number;
  outcome: "queued" | "held" | "refused";
  message?: string;
  session?: string;
  listener?: string;
  network?: string;
  hello?: string;
  tls?: string;
  /** Envelope sender. */
  from: string;
  /** Author, where it is not the envelope sender. */
  headerFrom?: string;
  to: string[];
  size?: number;
  code?: string;
  reply?: string;
  attribution?: string;
  tenant?: string;
  connector?: string;
  directSend: boolean;
  placement?: "deliver" | "junk" | "quarantine";
  reasons: string[];
  spoof?: string;
  imitates?: string;
  spf?: string;
  dkim: {
    domain: string;
    result: string;
  }[];
  dmarc?: string;
  dmarcPolicy?: string;
  arc?: string;
  iprev?: string;
  open: string[];
}

export interface EdgeRecipient {
  address: string;
}

export interface EdgeSettings {
  /** Of the organization, in the journal. */
  name: string;
  /** Anonymous mail whose envelope sender is an accepted domain is refused (5.7.68). */
  rejectDirectSend: boolean;
  /** What becomes of mail that fails a DMARC policy of reject: refused (5.7.509), or quarantine. */
  honourDmarcReject: "reject" | "quarantine";
  /** Mail that shows an own domain in From and does not prove it. */
  ownDomainSpoof: "off" | "junk" | "quarantine" | "refuse";
  /** Mail whose display name shows an own domain, or whose domain looks like an own one. */
  displayNameSpoof: "off" | "junk" | "quarantine" | "refuse";
  trustedSealers: string[];
}

export interface EdgeStatus {
  tenant: {
    id: string;
    name: string;
  };
  listeners: {
    name: string;
    address: string;
    tls: string;
  }[];
  settings: EdgeSettings;
  refuseAt: "recipient" | "data";
  domains: number;
  connectors: {
    total: number;
    enabled: number;
  };
  safeSenders: number;
  recipients: {
    listed: number;
    sources: {
      name: string;
      problem?: string;
    }[];
    /** Mail waits since then, because nobody could be asked. */
    unavailableSince?: number;
  };
  checks: {
    blocklists: {
      zone: string;
      used: boolean;
      problem?: string;
    }[];
    /** Networks and first attempts that are remembered; absent: greylisting is off. */
    greylisted?: number;
    /** Networks whose traffic is counted now. */
    networks: number;
    /** Networks that are refused for trying addresses. */
    harvesters: number;
  };
  /** Settings that will not do what they look like. */
  advice: string[];
  openQuestions: {
    question: string;
    /** What Microsoft leaves open, and what is done here. */
    text: string;
  }[];
}

export interface Event {
  id: number;
  type: string;
  /** Milliseconds since the epoch. */
  at: number;
  source?: string;
  sourceName?: string;
  session?: string;
  message?: string;
  code?: string;
  text?: string;
  [more: string]: unknown;
}

export interface Exception {
  id: string;
  kind: "tls-1.0" | "tls-1.1" | "rsa-key-exchange" | "3des" | "no-tls" | "cram-md5";
  source?: string;
  sourceName?: string;
  networks: string[];
  owner: string;
  reason: string;
  /** What it allows, and to whom. */
  text: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  createdBy: string;
  /** Milliseconds since the epoch. */
  endsAt: number;
  state: "open" | "ended" | "closed";
  /** Milliseconds since the epoch. */
  endedAt?: number;
  endedBy?: string;
  uses: number;
  /** Milliseconds since the epoch. */
  lastUsedAt?: number;
  lastUsedFrom?: string;
  version: number;
}

export interface FirstMessage {
  /** By SMTP; absent where no listener takes passwords over TLS. */
  swaks?: string;
  /** By HTTP. */
  curl: string;
}

export interface Handover {
  id: string;
  credential: string;
  state: "waiting" | "fetched" | "expired" | "withdrawn" | "locked";
  hasPin: boolean;
  wrongPins: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** When somebody first looked at the page, which reveals nothing. */
  openedAt?: number;
  /** Milliseconds since the epoch. */
  endedAt?: number;
  endedFrom?: string;
}

export interface Health {
  /** Of the listeners; absent: there is none. */
  certificate?: {
    /** Milliseconds since the epoch. */
    endsAt: number;
    selfSigned: boolean;
  };
  keys: {
    /** DKIM keys that sign. */
    active: number;
    /** Those of them that DNS has, as far as somebody could tell. */
    published: number;
  };
  dns: {
    domains: number;
    /** Domains with a record that is missing or wrong. */
    wrong: number;
    /** Domains for which DNS does not answer. */
    silent: number;
  };
  /** Absent while it can not be looked at. */
  disk?: {
    free: number;
    /** Below it nothing is taken. */
    minimum: number;
  };
}

export interface HeldGroup {
  hold: "operator" | "limit" | "source" | "alignment" | "containment" | "approval" | "quarantine";
  /** Identifier; without `sourceName`: written by the relay, or from the internet. */
  source: string;
  sourceName?: string;
  deliveries: number;
  bytes: number;
  /** Milliseconds since the epoch. */
  oldestAt: number;
  /** What was said of it last. */
  reply?: string;
}

export interface HistoryEntry {
  id: number;
  /** Milliseconds since the epoch. */
  at: number;
  by: string;
  comment: string;
  /** The entry that this one takes back. */
  reverts?: number;
  changes: PlannedChange[];
}

export interface HistorySummary {
  id: number;
  /** Milliseconds since the epoch. */
  at: number;
  by: string;
  comment: string;
  /** The entry that this one takes back. */
  reverts?: number;
  /** By kind and action. */
  counts: Record<string, Record<string, number>>;
}

export interface HtmlFindings {
  /** Pictures that were not fetched. */
  remoteImages: number;
  /** Of those: so small that they are there to tell who reads. */
  trackingPixels: number;
  /** Style sheets and backgrounds that were not fetched. */
  remoteStyles: number;
  /** Script elements, event handlers and links that run script. */
  scripts: number;
  forms: number;
  passwordFields: number;
  /** Frames, objects, sound and film. */
  embedded: number;
  /** Tags that would have led the reader elsewhere. */
  redirects: number;
  /** Pictures that the message names and does not carry, or that are too large. */
  missingImages: number;
  links: {
    text: string;
    /** Where it leads, as a browser would read it. */
    target: string;
    flags: ("other-domain" | "user-name" | "address" | "international" | "script" | "scheme")[];
  }[];
  moreLinks: boolean;
  tooDeep: boolean;
  cut: boolean;
}

export interface InboundConnector {
  name: string;
  enabled: boolean;
  type: "partner" | "on-premises";
  senderDomains: string[];
  senderAddresses: string[];
  certificateName?: string;
  requireTls: boolean;
  restrictToAddresses: boolean;
  restrictToCertificate: boolean;
}

export interface InboxEntry {
  id: number;
  message: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  source: string;
  sourceName: string;
  from: string;
  recipients: string[];
  size: number;
  headerFrom: string;
  subject: string;
}

export interface IssuedCredential {
  credential: Credential;
  /** Shown this once. */
  password?: string;
  /** Shown this once. */
  apiKey?: string;
  /** How hard the generated password is to guess: 2 to the power of it. */
  bits?: number;
  handover?: {
    id: string;
    /** Reveals the secret once. */
    link: string;
    /** To be told by another way than the link. */
    pin?: string;
    /** Milliseconds since the epoch. */
    expiresAt: number;
  };
}

export interface KeyCheck {
  selector: string;
  stage: "next" | "active" | "retiring";
  name: string;
  /** `unknown`: DNS gave no answer; what was known before stays. */
  result: "published" | "missing" | "different" | "unknown";
  explanation: string;
}

export interface Message {
  /** Its name in this API: the identifier in the spool, or `refusal-` and a number. */
  id: string;
  /** Identifier in the spool; absent for what was refused. */
  message?: string;
  /** When it was accepted or refused. */
  at: number;
  source?: string;
  sourceName?: string;
  listener?: string;
  direction: "submission" | "api" | "edge" | "relay";
  network?: string;
  session?: string;
  /** Envelope sender; empty for notices. */
  from?: string;
  /** Where it is not the envelope sender. */
  headerFrom?: string;
  /** The first of them. */
  recipients: string[];
  recipientCount: number;
  subject?: string;
  messageId?: string;
  size?: number;
  state: "queued" | "deferred" | "held" | "partly" | "delivered" | "bounced" | "refused" | "deleted";
  /** Why it is held. */
  hold?: string;
  /** Of the refusal, or of the last attempt. */
  code?: string;
  /** The last one. */
  reply?: string;
  attempts: number;
  /** When something was last heard of it. */
  lastAt: number;
}

export interface MessageContent {
  size: number;
  headers: {
    name: string;
    /** Decoded. */
    value: string;
    /** As it stands in the message. */
    raw: string;
  }[];
  text?: {
    content: string;
    part: string;
    charset: string;
    /** The message has HTML only: this is what it says. */
    fromHtml: boolean;
  };
  html?: {
    part: string;
    findings: HtmlFindings;
  };
  structure: MessagePart;
  attachments: Attachment[];
  notices: {
    code: "too-many-parts" | "too-deep" | "too-large-head" | "too-many-fields" | "broken-head" | "repeated-field" | "repeated-parameter" | "no-boundary" | "reused-boundary" | "unclear-delimiter" | "missing-end" | "text-after-end" | "encoded-multipart" | "encoded-message" | "unknown-encoding" | "external-body" | "unknown-charset" | "invalid-octets" | "direction-marks" | "text-cut" | "html-cut";
    part: string;
  }[];
}

export interface MessagePart {
  /** `1` is the message itself, `1.2` its second part. */
  part: string;
  type: string;
  encoding: string;
  /** Octets as they stand in the message. */
  size: number;
  name?: string;
  children: MessagePart[];
}

/** How many events of the message were left out, because there are too many: GET /messages/MESSAGE/events has all. */
export interface OmittedEvents {
  count: number;
  /** Identifier of the event before the gap. */
  after: number;
}

export interface Overview {
  /** Milliseconds since the epoch. */
  at: number;
  window: "1h" | "24h" | "7d" | "30d";
  /** Milliseconds since the epoch. */
  since: number;
  /** End of the last step. */
  until: number;
  /** Milliseconds of one step. */
  step: number;
  series: Series;
  totals: Counts;
  /** Of the window before, as far as this one has come. */
  before: Counts;
  /** The busiest first. */
  sources: {
    /** Identifier; `edge`: mail from the internet, `relay`: what the relay writes, `*`: others. */
    source: string;
    sourceName: string;
    /** Absent for what is no source, or is gone. */
    state?: string;
    counts: Counts;
  }[];
  /** Sources with anything counted in the window. */
  sourceCount: number;
  /** By the way in: `submission`, `api`, `edge`, `relay`. Empty for source owners. */
  directions: {
    direction: string;
    counts: Counts;
  }[];
  /** The most frequent codes. */
  refusals: {
    code: string;
    count: number;
    /** As it is told to the sender. */
    text?: string;
    remedy?: string;
  }[];
  /** Absent for source owners. */
  spool?: {
    messages: number;
    /** Deliveries. */
    queued: number;
    /** Deliveries. */
    held: number;
    bytes: number;
    /** Milliseconds since the epoch. */
    oldestAt?: number;
  };
  /** Recipient domains with the most that waits. Absent for source owners. */
  waiting?: {
    domain: string;
    queued: number;
    /** Milliseconds since the epoch. */
    nextAttemptAt: number;
    /** Why it takes nothing now. */
    reply?: string;
    /** Milliseconds since the epoch. */
    retryAt?: number;
  }[];
  /** Absent for source owners. */
  health?: Health;
  /** Absent for source owners. */
  setup?: Setup;
  /** Events that are not counted yet. */
  behind: number;
  /** What can not be told now, and is empty or 0 here: `attention` says why. */
  missing?: "counts"[];
  /** What to look at, worst first. */
  attention: Attention[];
}

export interface OverviewLive {
  id: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** Beginning of the minute in progress. */
  minute: number;
  /** Of this minute. */
  counts: Counts;
  /** Absent for source owners. */
  spool?: {
    messages: number;
    /** Deliveries. */
    queued: number;
    /** Deliveries. */
    held: number;
    bytes: number;
    /** Milliseconds since the epoch. */
    oldestAt?: number;
  };
  attention: {
    critical: number;
    warning: number;
    info: number;
  };
}

export interface Passkey {
  id: string;
  name: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch. */
  lastUsedAt?: number;
}

export interface Person {
  id: string;
  email: string;
  name: string;
  role: "owner" | "operator" | "auditor" | "source-owner";
  state: "active" | "disabled";
  /** Names of sources that are assigned. */
  sources: string[];
  hasPassword: boolean;
  hasTotp: boolean;
  /** How many are left. */
  recoveryCodes: number;
  /** Of the organisation's sign-in that was used. */
  issuer?: string;
  /** Milliseconds since the epoch. */
  invitedUntil?: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch. */
  updatedAt: number;
  /** Milliseconds since the epoch. */
  lastSignedInAt?: number;
  lastSignedInFrom?: string;
  version: number;
}

export interface PlannedChange {
  kind: "domain" | "source" | "credential" | "route";
  action: "create" | "change" | "delete";
  /** Of the item; of a credential, of its source. */
  name: string;
  id?: string;
  fields: {
    field: string;
    before?: unknown;
    after?: unknown;
  }[];
  before?: unknown;
  after?: unknown;
}

export interface PolicyTests {
  test: {
    name: string;
    /** Absent: `network` tells whose device it is. */
    source?: string;
    /** Envelope sender; empty: the null sender. */
    from: string;
    /** Address of the From header; absent: that of the envelope. */
    headerFrom?: string;
    /** Envelope recipients. */
    to: string[];
    /** Octets. */
    size?: number;
    /** The client; absent: from where it may. */
    network?: string;
    /** The whole message; line ends are made CRLF. */
    message?: string;
    /** So many of them at the same moment; the last one is judged. */
    count: number;
    expect: unknown;
  }[];
}

export interface PolicyTestsInput {
  test: {
    name: string;
    /** Absent: `network` tells whose device it is. */
    source?: string;
    /** Envelope sender; empty: the null sender. */
    from?: string;
    /** Address of the From header; absent: that of the envelope. */
    headerFrom?: string;
    /** Envelope recipients. */
    to: string[];
    /** Octets. */
    size?: number;
    /** The client; absent: from where it may. */
    network?: string;
    /** The whole message; line ends are made CRLF. */
    message?: string;
    /** So many of them at the same moment; the last one is judged. */
    count?: number;
    expect: string;
  }[];
}

export interface Problem {
  /** `about:blank`, or the page of the refusal code. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** It was done all the same, and is in force now; `detail` says what is missing. */
  done?: boolean;
  /** Stable refusal code; see GET /api/v1/refusals/{code}. */
  code?: string;
  /** The field that is wrong, as a path: `policy.pairs.0.header`. */
  field?: string;
  /** It can be done by who signs in anew first. */
  needs?: "sign-in";
  errors?: {
    field: string;
    detail: string;
    /** RFC 6901, into the declaration or the tests. */
    pointer?: string;
  }[];
}

export interface ProvenDirectSendSender {
  id: string;
  name: string;
  /** The most likely. */
  class: "service" | "service-own-path" | "reinjection" | "forwarding" | "mailing-list" | "calendar" | "hybrid" | "internal-relay" | "in-service" | "cloud" | "awareness" | "own-gateway" | "device" | "attack" | "partner-connector" | "unknown";
  /** All that it may be as far as the evidence goes, the most likely first; one: the evidence tells. */
  candidates: ("service" | "service-own-path" | "reinjection" | "forwarding" | "mailing-list" | "calendar" | "hybrid" | "internal-relay" | "in-service" | "cloud" | "awareness" | "own-gateway" | "device" | "attack" | "partner-connector" | "unknown")[];
  /** What would tell them apart. */
  lacks: ("connector" | "envelope" | "address" | "name" | "sent" | "time" | "message")[];
  confidence: number;
  reasons: string[];
  directSend: "proven" | "candidate" | "no";
  messages: {
    total: number;
    proven: number;
    candidates: number;
    perDay: number;
  };
  /** What the evidence lacks, for how many messages. */
  missing: Record<string, number>;
  service?: string;
  networks: string[];
  addresses: string[];
  helos: string[];
  /** By reverse DNS. */
  names: string[];
  tls: Record<string, number>;
  connectors: Record<string, number>;
  /** Milliseconds since the epoch, UTC. */
  first?: number;
  /** Milliseconds since the epoch, UTC. */
  last?: number;
  rhythm: {
    /** Messages by hour, UTC. */
    hours: number[];
    /** From Sunday. */
    weekdays: number[];
    activeDays: number;
    regularity: number;
    businessHours: number;
    pattern: "once" | "steady" | "bursts" | "now-and-then";
  };
  /** Messages by day since 1970. */
  days: Record<string, number>;
  domains: Record<string, number>;
  senders: string[];
  authors: string[];
  recipients: {
    count: number;
    more: boolean;
    some: string[];
  };
  subjects: string[];
  authentication: {
    spf: Record<string, number>;
    dkim: Record<string, number>;
    dmarc: Record<string, number>;
  };
  abuse: {
    messages: number;
    reasons: string[];
    hidden: number;
    campaigns: string[];
  };
  evidence: Record<string, number>;
  wayOut: {
    kind: "relay-source" | "partner-connector" | "custom-return-path" | "fix-forwarding" | "block" | "investigate" | "nothing";
    why: string;
    /** For the import of sources. */
    row?: {
      name: string;
      [more: string]: unknown;
    };
    powershell?: string;
    domain?: string;
  };
  wave?: number;
  note?: {
    decision?: "approved" | "migrated" | "ignored" | "blocked";
    owner?: string;
    wave?: number;
    text?: string;
    /** Milliseconds since the epoch, UTC. */
    decidedAt?: number;
    by?: string;
  };
  proofs: {
    outcome: "direct-send" | "candidate" | "not";
    why: string;
    told: {
      field: string;
      value: string;
      from: string;
    }[];
    abuse: {
      score: number;
      reasons: string[];
    };
  }[];
}

export interface Recertification {
  id: string;
  title: string;
  filter: Record<string, string | number | boolean>;
  plan: {
    days: number;
    share: number;
    hours: number[];
  };
  /** Milliseconds since the epoch. */
  startedAt: number;
  startedBy: string;
  /** Milliseconds since the epoch. */
  deadline: number;
  /** Milliseconds since the epoch. */
  remindedAt?: number;
  /** Milliseconds since the epoch. */
  closedAt?: number;
  /** Sources by answer. */
  counts: {
    waiting: number;
    keep: number;
    'not-mine': number;
    retire: number;
  };
}

export interface Refusal {
  code: string;
  reply: number;
  enhanced: string;
  text: string;
  explanation: string;
  remedy: string;
}

export interface RefusalAdvice {
  /** What exactly was refused. */
  cause: string;
  change: {
    /** A command that is ready to be run, a setting of the configuration file, or what to do at the device. */
    kind: "command" | "configuration" | "device";
    line: string;
  };
  /** What to think of before. */
  caution?: string;
  /** Not a domain of the organization: the change would let it send as one of this domain. */
  foreign?: string;
}

export interface RefusalGroup {
  /** Source or network, a colon, and the code. */
  group: string;
  source?: string;
  sourceName?: string;
  /** Where nobody was recognized. */
  network?: string;
  code: string;
  /** What the client was told. */
  text: string;
  explanation: string;
  count: number;
  /** Milliseconds since the epoch. */
  first: number;
  last: number;
  /** The latest. */
  example?: Event;
  advice: RefusalAdvice;
}

export interface Rotation {
  source: string;
  old: Credential;
  new?: Credential;
  /** From where the old secret was used since the rotation began, the latest first. */
  stillUsedBy: CredentialUse[];
}

export interface Route {
  name: string;
  match: {
    /** Name of the source. */
    source?: string;
    recipientDomain?: string;
    senderDomain?: string;
  };
  target: {
    kind: "sandbox" | "mx" | "smarthost";
    port?: number;
    hosts?: {
      host: string;
      port: number;
    }[];
    implicitTls?: boolean;
    username?: string;
    /** PEM of the certificate. */
    clientCertificate?: string;
  };
  tls: "none" | "opportunistic" | "verified";
  connections: number;
  messagesPerConnection: number;
}

export interface SafeSender {
  /** An address, or a domain with its subdomains. */
  entry: string;
  note: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** A column for each count, with a value for each step; the last step is in progress. */
export interface Series {
  /** Beginnings of the steps, milliseconds since the epoch. */
  at: number[];
  accepted: number[];
  octets: number[];
  refused: number[];
  held: number[];
  delivered: number[];
  deferred: number[];
  bounced: number[];
}

export interface Session {
  id: string;
  method: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch. */
  usedAt: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  network: string;
  agent: string;
  current: boolean;
}

export interface SettingsSheet {
  language: "en" | "fr";
  title: string;
  subtitle: string;
  rows: {
    label: string;
    value: string;
  }[];
  notes: string[];
}

/** What was done to set the relay up. */
export interface Setup {
  /** A message was taken. */
  message: boolean;
  /** There is a domain beside the one to try things with. */
  domain: boolean;
  /** DNS has a signing key of every domain. */
  dns: boolean;
  /** There is a source beside the one to try things with. */
  source: boolean;
  /** Mail can leave. */
  route: boolean;
}

export interface SigningKey {
  selector: string;
  algorithm: "rsa-sha256" | "ed25519-sha256";
  stage: "next" | "active" | "retiring";
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** When the record was last seen to be right. */
  publishedAt?: number;
  record: {
    name: string;
    text: string;
    /** The line for a zone file. */
    zone: string;
  };
}

export interface Source {
  id: string;
  name: string;
  description: string;
  owner: string;
  contact: string;
  tags: string[];
  notes: string;
  site: string;
  state: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
  /** How it came into its state. */
  stateChange?: {
    from: "requested" | "pending" | "sandboxed" | "active" | "suspended" | "retired";
    /** Milliseconds since the epoch. */
    at: number;
    by: string;
    reason: string;
  };
  /** Somebody asked for it, and nobody has decided yet. */
  request?: {
    by: string;
    purpose: string;
    /** Milliseconds since the epoch. */
    at: number;
    /** Milliseconds since the epoch. */
    testedAt?: number;
  };
  /** It is about to be retired, and is answered 4xx now and then. */
  brownOut?: {
    share: number;
    hours: number[];
    /** Milliseconds since the epoch. */
    startedAt: number;
    /** Milliseconds since the epoch. */
    until: number;
    reason: string;
  };
  /** When one of its credentials was last used. */
  lastUsedAt?: number;
  /** Kinds of its active credentials. */
  credentialKinds: ("password" | "api-key" | "certificate" | "oauth" | "network")[];
  /** When the first of its active credentials ends. */
  nextExpiryAt?: number;
  /** It does what it does not usually do; see GET /sources/{name}/normal. */
  contained?: "alert" | "slow" | "hold" | "suspend";
  policy: {
    /** What may stand in MAIL FROM together with what in the From header. */
    pairs: {
      envelope: string;
      header: string;
    }[];
    /** MAIL FROM:<> is allowed. */
    nullSender: boolean;
    recipients: {
      allow: "internal" | "listed" | "any";
      patterns: string[];
    };
    /** Octets; 0 means the relay's own limit. */
    maxSize: number;
    maxRecipients: number;
    connections: number;
    limits: {
      unit: "messages" | "bytes";
      per: "minute" | "hour" | "day";
      most: number;
    }[];
    overLimit: "reject" | "defer" | "hold";
    repair: {
      missingHeaders: boolean;
      missingFrom: "" | string;
      longLines: boolean;
      rawHeaders: boolean;
    };
    rewrite: {
      headerFrom: "" | string;
      envelopeFrom: "" | string;
      replyTo: "" | string;
    };
    unaligned: {
      action: "hold";
    } | {
      action: "reject";
    } | {
      action: "sign-with";
      domain: string;
    } | {
      action: "send";
    };
  };
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch. */
  updatedAt: number;
  version: number;
}

export interface SourceActivity {
  /** Open now. */
  connections: number;
  /** Deliveries that wait for their next attempt; at most 1000 are counted. */
  queued: number;
  /** Deliveries that wait for a person; at most 1000 are counted. */
  held: number;
  /** Of these, those held because the source was stopped. */
  heldByStop: number;
  window: "1h" | "24h" | "7d" | "30d";
  /** Milliseconds of one step of the series. */
  step: number;
  series: Series;
  totals: Counts;
  /** Of the window before. */
  before: Counts;
  /** The most frequent first. */
  refusals: {
    code: string;
    count: number;
    text?: string;
    remedy?: string;
  }[];
}

export interface SourceCounts {
  total: number;
  states: {
    requested: number;
    pending: number;
    sandboxed: number;
    active: number;
    suspended: number;
    retired: number;
  };
  /** Requests that nobody has decided yet. */
  requests: number;
  contained: number;
  /** With a credential that ends within 14 days, or has ended; not retired. */
  expiring: number;
  /** May send, and did not for 90 days. */
  unused: number;
  brownOut: number;
  /** The 200 most frequent, in the order of the alphabet. */
  tags: {
    tag: string;
    count: number;
  }[];
}

export interface SpoofGroup {
  /** An IPv4 address, or the /64 of an IPv6 address. */
  network: string;
  /** The own domain or address that was pretended to. */
  imitates: string;
  /** `direct-send`: refused by RejectDirectSend, before it was read. */
  kinds: string[];
  attempts: number;
  refused: number;
  quarantined: number;
  junk: number;
  delivered: number;
  /** Milliseconds since the epoch. */
  first: number;
  /** Milliseconds since the epoch. */
  last: number;
  /** What the client called itself the last time. */
  hello: string;
  /** Some of the authors. */
  from: string[];
  /** Some of the recipients. */
  to: string[];
}

export interface Token {
  id: string;
  name: string;
  /** E-mail address of whose it is; absent: of the relay. */
  person?: string;
  role: "owner" | "operator" | "auditor" | "source-owner";
  /** Names of the only sources that it is for. */
  sources?: string[];
  /** Tags of the only routes that it is for. */
  groups?: string[];
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** Milliseconds since the epoch. */
  lastUsedAt?: number;
  lastUsedFrom?: string;
}

export interface Transcript {
  session: string;
  at: number;
  network: string;
  port: number;
  listener: string;
  source?: string;
  sourceName?: string;
  hello: string;
  tls?: string;
  /** Empty while the session goes on. */
  ending: string;
  lines: {
    /** Milliseconds since the session began. */
    at: number;
    by: "client" | "server" | "relay";
    text: string;
  }[];
  /** Lines that are left out after the beginning. */
  omitted: number;
  /** Messages that were accepted; of those without a refusal no line is kept. */
  messages: number;
}

export interface WaitingGroup {
  domain: string;
  /** The route that it takes as the routes are now. */
  route: string;
  deliveries: number;
  /** Octets of their messages. */
  bytes: number;
  /** Milliseconds since the epoch. */
  oldestAt: number;
  /** Milliseconds since the epoch. */
  nextAttemptAt: number;
  /** The most that one of them had. */
  attempts: number;
  /** Of those, not tried yet. */
  untried: number;
  /** What the last attempts ended with, the most frequent first; replies that differ in numbers only are one. */
  reasons: {
    reply: string;
    deliveries: number;
  }[];
  /** The destination takes nothing now; what waits behind it is not tried one by one. */
  asleep?: {
    /** When it failed first. */
    since: number;
    /** When it is tried again. */
    until: number;
    /** In a row. */
    failures: number;
    reply: string;
  };
}

export interface Who {
  kind: "root" | "person" | "token";
  id: string;
  name: string;
  role: "owner" | "operator" | "auditor" | "source-owner";
  email?: string;
  /** The only groups of routes that a token is for. */
  groups?: string[];
  /** Whether more than a password was shown. */
  secondFactor?: boolean;
}
