import {
  ActionIcon,
  Button,
  Collapse,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import ChevronRight from 'lucide-react/icons/chevron-right';
import Plus from 'lucide-react/icons/plus';
import X from 'lucide-react/icons/x';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { errorOf, type SourceForm, type SourceValues } from './values.ts';
import classes from './policy-fields.module.css';

const MEGABYTE = 1_000_000;

function Part({ title, help, children }: { title: string; help?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes.part}>
      <div>
        <Title order={3} id={id}>
          {title}
        </Title>
        {help && (
          <Text size="xs" c="dimmed" mt={2}>
            {help}
          </Text>
        )}
      </div>
      <div>{children}</div>
    </section>
  );
}

/** What a source may do. Errors of the API go to the fields, whose names are its paths. */
export function PolicyFields({
  form,
  parts = 'all',
}: {
  form: SourceForm;
  /** `addresses`: only whom it sends as and to. */
  parts?: 'all' | 'addresses';
}) {
  const { t } = useTranslation('source');
  const { policy } = form.values;
  const hasMore =
    policy.nullSender ||
    policy.rewrite.headerFrom !== '' ||
    policy.rewrite.envelopeFrom !== '' ||
    policy.rewrite.replyTo !== '' ||
    ['policy.repair', 'policy.rewrite', 'policy.unaligned', 'policy.nullSender'].some((path) =>
      errorOf(form, path),
    );
  const [isOpen, { toggle }] = useDisclosure(false);
  return (
    <div>
      <Part title={t('policy.pairs')} help={t('policy.pairsHelp')}>
        <Pairs form={form} />
      </Part>
      <Part title={t('policy.recipients')} help={t('policy.recipientsHelp')}>
        <Stack gap="sm">
          <Select
            aria-label={t('policy.recipients')}
            data={(['internal', 'listed', 'any'] as const).map((value) => ({
              value,
              label: t(`policy.allow.${value}`),
            }))}
            allowDeselect={false}
            {...form.getInputProps('policy.recipients.allow')}
          />
          {policy.recipients.allow !== 'any' && (
            <TagsInput
              label={t(policy.recipients.allow === 'internal' ? 'policy.alsoTo' : 'policy.onlyTo')}
              description={t('policy.patternHelp')}
              splitChars={[',', ' ', ';']}
              {...form.getInputProps('policy.recipients.patterns')}
              error={errorOf(form, 'policy.recipients.patterns')}
            />
          )}
        </Stack>
      </Part>
      {parts === 'all' && (
        <>
          <Part title={t('policy.limits')} help={t('policy.limitsHelp')}>
            <Stack gap="sm">
              <Limits form={form} />
              <Select
                label={t('policy.overLimit')}
                data={(['defer', 'hold', 'reject'] as const).map((value) => ({
                  value,
                  label: t(`policy.over.${value}`),
                }))}
                allowDeselect={false}
                {...form.getInputProps('policy.overLimit')}
              />
            </Stack>
          </Part>
          <Part title={t('policy.size')} help={t('policy.sizeHelp')}>
            <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
              <NumberInput
                label={t('policy.maxSize')}
                suffix=" MB"
                min={0}
                decimalScale={3}
                thousandSeparator=" "
                {...form.getInputProps('policy.maxSize')}
                value={policy.maxSize / MEGABYTE}
                onChange={(value) =>
                  form.setFieldValue('policy.maxSize', Math.round(Number(value) * MEGABYTE))
                }
              />
              <NumberInput
                label={t('policy.maxRecipients')}
                min={1}
                max={10_000}
                allowDecimal={false}
                {...form.getInputProps('policy.maxRecipients')}
              />
              <NumberInput
                label={t('policy.connections')}
                min={1}
                max={10_000}
                allowDecimal={false}
                {...form.getInputProps('policy.connections')}
              />
            </SimpleGrid>
          </Part>
          <Button
            variant="subtle"
            color="gray"
            mt="sm"
            aria-expanded={isOpen || hasMore}
            leftSection={
              <ChevronRight
                size={15}
                aria-hidden
                className={classes.arrow}
                data-open={isOpen || hasMore || undefined}
              />
            }
            onClick={toggle}
          >
            {t('policy.more')}
          </Button>
          <Collapse expanded={isOpen || hasMore}>
            <Part title={t('policy.unaligned')} help={t('policy.unalignedHelp')}>
              <Unaligned form={form} />
            </Part>
            <Part title={t('policy.repair')} help={t('policy.repairHelp')}>
              <Stack gap="sm">
                {(['missingHeaders', 'longLines', 'rawHeaders'] as const).map((name) => (
                  <Switch
                    key={name}
                    label={t(`policy.${name}`)}
                    {...form.getInputProps(`policy.repair.${name}`, { type: 'checkbox' })}
                  />
                ))}
                <Switch
                  label={t('policy.nullSender')}
                  {...form.getInputProps('policy.nullSender', { type: 'checkbox' })}
                />
                <TextInput
                  label={t('policy.missingFrom')}
                  description={t('policy.missingFromHelp')}
                  spellCheck={false}
                  {...form.getInputProps('policy.repair.missingFrom')}
                />
              </Stack>
            </Part>
            <Part title={t('policy.rewrite')} help={t('policy.rewriteHelp')}>
              <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
                {(['headerFrom', 'envelopeFrom', 'replyTo'] as const).map((name) => (
                  <TextInput
                    key={name}
                    label={t(`policy.${name}`)}
                    placeholder={t('policy.unchanged')}
                    spellCheck={false}
                    {...form.getInputProps(`policy.rewrite.${name}`)}
                  />
                ))}
              </SimpleGrid>
            </Part>
          </Collapse>
        </>
      )}
    </div>
  );
}

function Pairs({ form }: { form: SourceForm }) {
  const { t } = useTranslation('source');
  const { pairs } = form.values.policy;
  return (
    <Stack gap="xs">
      {pairs.length === 0 && (
        <Text size="sm" c={errorOf(form, 'policy.pairs') === undefined ? 'dimmed' : 'red'}>
          {t('policy.noPairs')}
        </Text>
      )}
      {pairs.map((pair, index) => (
        <Group
          key={index}
          gap="xs"
          wrap="nowrap"
          align="flex-start"
          role="group"
          aria-label={t('policy.pair', { number: index + 1 })}
        >
          <TextInput
            style={{ flex: 1 }}
            label={index === 0 ? t('policy.envelope') : undefined}
            aria-label={t('policy.envelope')}
            placeholder="app@corp.example"
            spellCheck={false}
            {...form.getInputProps(`policy.pairs.${index}.envelope`)}
            onBlur={() => {
              // most send as the same address in both places
              if (pair.header === '') form.setFieldValue(`policy.pairs.${index}.header`, pair.envelope);
            }}
          />
          <TextInput
            style={{ flex: 1 }}
            label={index === 0 ? t('policy.header') : undefined}
            aria-label={t('policy.header')}
            placeholder="app@corp.example"
            spellCheck={false}
            {...form.getInputProps(`policy.pairs.${index}.header`)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            mt={index === 0 ? 22 : 0}
            aria-label={t('policy.removePair', { number: index + 1 })}
            onClick={() => form.removeListItem('policy.pairs', index)}
          >
            <X size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <div>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => form.insertListItem('policy.pairs', { envelope: '', header: '' })}
        >
          {t('policy.addPair')}
        </Button>
      </div>
    </Stack>
  );
}

type Limit = SourceValues['policy']['limits'][number];
const UNITS: Limit['unit'][] = ['messages', 'bytes'];
const SPANS: Limit['per'][] = ['minute', 'hour', 'day'];

function Limits({ form }: { form: SourceForm }) {
  const { t } = useTranslation('source');
  const { limits } = form.values.policy;
  const free = UNITS.flatMap((unit) => SPANS.map((per) => ({ unit, per }))).find(
    ({ unit, per }) => !limits.some((one) => one.unit === unit && one.per === per),
  );
  const error = form.errors['policy.limits'];
  return (
    <Stack gap="xs">
      {limits.map((limit, index) => {
        const path = `policy.limits.${index}`;
        const scale = limit.unit === 'bytes' ? MEGABYTE : 1;
        return (
          <Group
            key={index}
            gap="xs"
            wrap="nowrap"
            align="flex-start"
            role="group"
            aria-label={t('policy.limit', { number: index + 1 })}
          >
            <NumberInput
              style={{ flex: '1 1 90px' }}
              aria-label={t('policy.most')}
              min={0}
              thousandSeparator=" "
              {...form.getInputProps(`${path}.most`)}
              value={limit.most / scale}
              onChange={(value) => form.setFieldValue(`${path}.most`, Math.round(Number(value) * scale))}
            />
            <Select
              style={{ flex: '1 1 110px' }}
              aria-label={t('policy.unit')}
              data={UNITS.map((value) => ({ value, label: t(`policy.units.${value}`) }))}
              allowDeselect={false}
              {...form.getInputProps(`${path}.unit`)}
            />
            <Select
              style={{ flex: '1 1 110px' }}
              aria-label={t('policy.per')}
              data={SPANS.map((value) => ({ value, label: t(`policy.spans.${value}`) }))}
              allowDeselect={false}
              {...form.getInputProps(`${path}.per`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={t('policy.removeLimit', { number: index + 1 })}
              onClick={() => form.removeListItem('policy.limits', index)}
            >
              <X size={16} aria-hidden />
            </ActionIcon>
          </Group>
        );
      })}
      {error && (
        <Text size="xs" c="red" role="alert">
          {error}
        </Text>
      )}
      {free && (
        <div>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() =>
              form.insertListItem('policy.limits', {
                ...free,
                most: free.unit === 'bytes' ? 100 * MEGABYTE : 100,
              })
            }
          >
            {t('policy.addLimit')}
          </Button>
        </div>
      )}
    </Stack>
  );
}

function Unaligned({ form }: { form: SourceForm }) {
  const { t } = useTranslation('source');
  const { unaligned } = form.values.policy;
  return (
    <Stack gap="sm">
      <Select
        aria-label={t('policy.unaligned')}
        data={(['hold', 'reject', 'sign-with', 'send'] as const).map((value) => ({
          value,
          label: t(`policy.unalignedAction.${value}`),
        }))}
        allowDeselect={false}
        value={unaligned.action}
        error={errorOf(form, 'policy.unaligned.action')}
        onChange={(action) =>
          form.setFieldValue(
            'policy.unaligned',
            action === 'sign-with'
              ? { action, domain: '' }
              : ({ action } as SourceValues['policy']['unaligned']),
          )
        }
      />
      {unaligned.action === 'sign-with' && (
        <TextInput
          label={t('policy.signDomain')}
          placeholder="corp.example"
          spellCheck={false}
          {...form.getInputProps('policy.unaligned.domain')}
        />
      )}
    </Stack>
  );
}
