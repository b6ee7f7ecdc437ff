import { z } from 'zod';
import { declarationSchema } from '../../declared/declaration.ts';
import { policyTestsSchema } from '../../declared/policy-tests.ts';
import { check } from '../../sources/source-fields.ts';
import type { ApiContext } from '../context.ts';
import { withDeclaration } from '../declaration-problem.ts';
import type { Api } from '../scope.ts';
import { asSent, DECLARATION_BYTES, rawBody } from './plan.ts';

const options = z.strictObject({ prune: z.boolean().default(false) });

/** Unit tests of the policy: messages, and what must happen to them. */
export function policyTestRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/policy-tests',
    {
      bodyLimit: DECLARATION_BYTES,
      validatorCompiler: asSent,
      config: { role: 'auditor' },
      schema: {
        tags: ['Policy as files'],
        summary: 'Ask for the fates of messages that are never sent',
        description: 'Under what is in force, or, with `declaration`, under what that would make of it.',
        body: z.strictObject({
          tests: policyTestsSchema,
          declaration: declarationSchema.optional(),
          ...options.shape,
        }),
        response: {
          200: z.object({
            passed: z.int(),
            failed: z.int(),
            results: z.array(
              z.object({
                name: z.string(),
                passed: z.boolean(),
                expected: z.string(),
                happened: z.string(),
                reason: z.string(),
              }),
            ),
          }),
        },
      },
    },
    async (request) =>
      withDeclaration(async () => {
        const { tests, declaration, ...rest } = rawBody(request.body);
        const { prune } = check(options, rest);
        const results = await context.declarations.test(tests, declaration, prune);
        const failed = results.filter(({ passed }) => !passed).length;
        return { passed: results.length - failed, failed, results };
      }),
  );
}
