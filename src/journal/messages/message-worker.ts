/** The threads of the message index: started twice, as the one that builds it and as the one that searches. */
import os from 'node:os';
import { workerData } from 'node:worker_threads';
import { serveLink } from '../../platform/worker-link.ts';
import { IndexBuilder, type IndexBuilderOptions } from './index-builder.ts';
import type { MessageQuery } from './message-query.ts';
import { MessageSearch, type MessageSearchStep } from './message-search.ts';

export type MessageWorkerData =
  | ({ role: 'builder' } & IndexBuilderOptions)
  | { role: 'searcher'; path: string };

export type BuilderRequest = { kind: 'step' } | { kind: 'close' };

export type SearcherRequest =
  | { kind: 'search'; step: MessageSearchStep }
  | { kind: 'count'; query: MessageQuery }
  | { kind: 'row'; id: number }
  | { kind: 'message'; message: string }
  | { kind: 'close' };

/** Others go first: a search may find a message some seconds later, mail may not wait. */
const NICE = 10;

const data = workerData as MessageWorkerData;
if (data.role === 'builder') build(new IndexBuilder(data));
else search(new MessageSearch(data.path));

function build(builder: IndexBuilder): void {
  // on Linux a thread has a priority of its own (setpriority(2), "C library/kernel differences"); elsewhere the
  // process would get it
  if (os.platform() === 'linux') os.setPriority(NICE);
  serveLink<BuilderRequest>((request) => {
    switch (request.kind) {
      case 'step':
        return builder.step();
      case 'close':
        return builder.close();
    }
  });
}

function search(searcher: MessageSearch): void {
  serveLink<SearcherRequest>((request) => {
    switch (request.kind) {
      case 'search':
        return searcher.search(request.step);
      case 'count':
        return searcher.count(request.query);
      case 'row':
        return searcher.byId(request.id);
      case 'message':
        return searcher.byMessage(request.message);
      case 'close':
        return searcher.close();
    }
  });
}
