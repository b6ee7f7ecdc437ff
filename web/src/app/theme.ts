import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

// The blue of the product, and greys of the same hue. Every text on its usual ground reaches 4.5:1 (WCAG 2.2 AA).
const postern: MantineColorsTuple = [
  '#eef4fb', '#dbe7f5', '#b8cfea', '#8fb4e0', '#6698d4', '#4a83c9', '#2f6db9', '#245fa6', '#1b5291', '#103f75',
]; // biome-ignore format: one scale, one line
const gray: MantineColorsTuple = [
  '#f7f8fa', '#eff1f4', '#e3e6eb', '#d3d8df', '#b6bdc8', '#8b94a3', '#5d6675', '#464e5b', '#2f3641', '#1c2129',
]; // biome-ignore format: one scale, one line
const dark: MantineColorsTuple = [
  '#dfe3ea', '#c2c8d2', '#a3abb8', '#6f7885', '#3d4551', '#2f3640', '#232930', '#181c22', '#12151a', '#0c0e12',
]; // biome-ignore format: one scale, one line

export const theme = createTheme({
  colors: { postern, gray, dark },
  primaryColor: 'postern',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "Cascadia Mono", "Liberation Mono", Menlo, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  radius: { sm: '6px', md: '8px' },
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm' } },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        openDelay: 300,
        multiline: true,
        maw: 320,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Anchor: { defaultProps: { underline: 'hover' } },
    Paper: { defaultProps: { withBorder: true, radius: 'md' } },
    Card: { defaultProps: { withBorder: true, radius: 'md', padding: 'md' } },
    Modal: { defaultProps: { centered: true, radius: 'md' }, styles: { title: { fontWeight: 600 } } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: 'sm', fz: 'sm' } },
  },
});

const TONED = [
  'red',
  'green',
  'orange',
  'yellow',
  'blue',
  'teal',
  'postern',
  'gray',
  'grape',
  'cyan',
  'lime',
  'violet',
];

/** Grounds of alerts, as those of our badges: name, light, dark. */
const GROUNDS = [
  ['yellow', '#fdf0d9', '#3a2b10'],
  ['orange', '#fdf0d9', '#3a2b10'],
  ['red', '#fde8e6', '#441d1a'],
  ['green', '#e3f4ea', '#143424'],
] as const;

/** Where Mantine's own colours are too pale for text, and what our components name. */
export const cssVariables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a6371',
    '--mantine-color-placeholder': '#697281',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': '#1f5a9f',
    '--mantine-color-default-border': '#d9dee5',
    '--postern-ground': '#f7f8fa',
    '--postern-line': '#e3e6eb',
    '--postern-row-hover': '#f2f5f9',
    '--tone-good-text': '#17633a',
    '--tone-good-ground': '#e3f4ea',
    '--tone-warn-text': '#7a4a05',
    '--tone-warn-ground': '#fdf0d9',
    '--tone-bad-text': '#9c1c13',
    '--tone-bad-ground': '#fde8e6',
    '--tone-info-text': '#1b5291',
    '--tone-info-ground': '#e6f0fb',
    '--tone-quiet-text': '#464e5b',
    '--tone-quiet-ground': '#eceff3',
    ...Object.fromEntries(
      TONED.map((name) => [`--mantine-color-${name}-light-color`, darkest(colors[name]?.[9], name)]),
    ),
    ...Object.fromEntries(GROUNDS.map(([name, light]) => [`--mantine-color-${name}-light`, light])),
    '--mantine-color-red-text': '#b42318',
    '--mantine-color-green-text': '#17633a',
    '--mantine-color-orange-text': '#8a4b08',
  },
  dark: {
    '--mantine-color-dimmed': '#a3abb8',
    '--mantine-color-placeholder': '#8f98a6',
    '--mantine-color-error': '#ff9b91',
    '--mantine-color-anchor': '#8fb9ec',
    '--mantine-color-default-border': '#3d4551',
    '--postern-ground': '#12151a',
    '--postern-line': '#2f3640',
    '--postern-row-hover': '#20252d',
    '--tone-good-text': '#86dba8',
    '--tone-good-ground': '#143424',
    '--tone-warn-text': '#f0c377',
    '--tone-warn-ground': '#3a2b10',
    '--tone-bad-text': '#ffaaa1',
    '--tone-bad-ground': '#441d1a',
    '--tone-info-text': '#a5c9f5',
    '--tone-info-ground': '#17304d',
    '--tone-quiet-text': '#c2c8d2',
    '--tone-quiet-ground': '#2b323b',
    ...Object.fromEntries(
      TONED.map((name) => [`--mantine-color-${name}-light-color`, colors[name]?.[2] ?? '#dfe3ea']),
    ),
    ...Object.fromEntries(GROUNDS.map(([name, , dark]) => [`--mantine-color-${name}-light`, dark])),
    '--mantine-color-red-text': '#ff9b91',
    '--mantine-color-green-text': '#86dba8',
    '--mantine-color-orange-text': '#f0c377',
  },
});

/** Yellow and its neighbours stay pale even at the end of their scale. */
function darkest(last: string | undefined, name: string): string {
  return (
    {
      yellow: '#7a4a05',
      orange: '#8a4b08',
      lime: '#3d6a0b',
      green: '#17633a',
      teal: '#0b6048',
      cyan: '#0b5a6b',
      red: '#9c1c13',
    }[name] ??
    last ??
    '#1c2129'
  );
}
