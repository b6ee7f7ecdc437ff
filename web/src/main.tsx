import '@mantine/core/styles.layer.css';
import './app/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startLanguage } from './app/language.ts';
import { onlyStyleText } from './app/trusted-types.ts';
import { Root } from './app/root.tsx';

onlyStyleText();
const i18n = await startLanguage();
const place = document.getElementById('root');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <Root i18n={i18n} />
    </StrictMode>,
  );
}
