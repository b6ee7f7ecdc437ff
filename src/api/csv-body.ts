import type { Api } from './scope.ts';

/**
 * Adds routes that take CSV (text/csv) too, as a string; every other route refuses it.
 * @param largest octets of a body
 */
export function withCsvBodies(api: Api, largest: number, addRoutes: (scope: Api) => void): void {
  void api.register(async (scope) => {
    scope.addContentTypeParser(
      'text/csv',
      { parseAs: 'string', bodyLimit: largest },
      (_request, body, done) => done(null, body),
    );
    addRoutes(scope);
  });
}
